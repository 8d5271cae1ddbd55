import { describe, expect, it } from 'vitest';
import { FrameLoader } from './frame_loader';
import { FrameStore } from './frame_store';
import { prefetch_order, prefetch_room } from './prefetch';

describe('the order of prefetching', () => {
  it('goes mostly where the person scrolls', () => {
    expect(prefetch_order(100, 50, 1, 8)).toEqual([51, 52, 53, 49, 54, 55, 56, 48]);
    expect(prefetch_order(100, 50, -1, 4)).toEqual([49, 48, 47, 51]);
  });
  it('takes the other side when one is at its end, and each slice once', () => {
    expect(prefetch_order(4, 3, 1, 10)).toEqual([2, 1, 0]);
    const all = prefetch_order(60, 20, 1, 1000);
    expect(new Set(all).size).toBe(59);
    expect(all).not.toContain(20);
  });
  it('holds no more than the budget can keep', () => {
    expect(prefetch_order(100, 0, 1, 0)).toEqual([]);
    expect(prefetch_room(100, 10)).toBe(7);
    expect(prefetch_room(100, 0)).toBe(0);
  });
});

describe('the memory budget', () => {
  it('throws out what was used longest ago', () => {
    const gone: string[] = [];
    const store = new FrameStore<number>(30, (key) => gone.push(key));
    for (const key of ['a', 'b', 'c']) store.put(key, 1, 10);
    store.get('a');
    store.put('d', 1, 10);
    expect(gone).toEqual(['b']);
    expect(store.used_bytes).toBe(30);
  });
  it('never throws out what is on the screen', () => {
    const store = new FrameStore<number>(20);
    store.put('shown', 1, 10);
    store.pin(['shown']);
    for (const key of ['a', 'b', 'c']) store.put(key, 1, 10);
    expect(store.has('shown')).toBe(true);
    expect(store.used_bytes).toBeLessThanOrEqual(20);
  });
  it('keeps a picture that is larger than the whole budget', () => {
    const store = new FrameStore<number>(20);
    store.put('small', 1, 10);
    store.put('huge', 1, 500);
    expect(store.has('huge')).toBe(true);
    expect(store.has('small')).toBe(false);
  });
  it('gives back at once what a smaller budget does not hold', () => {
    const store = new FrameStore<number>(100);
    for (const key of ['a', 'b', 'c', 'd']) store.put(key, 1, 20);
    store.budget_bytes = 45;
    expect(store.used_bytes).toBe(40);
    store.put('d', 1, 5);
    expect(store.used_bytes).toBe(25);
  });
});

/** Answers a request when it is told to. */
class Slow {
  asked: string[] = [];
  #answers = new Map<string, (value: string) => void>();
  fetch = (key: string): Promise<string> => {
    this.asked.push(key);
    return new Promise((answer) => this.#answers.set(key, answer));
  };
  async answer(key: string): Promise<void> {
    this.#answers.get(key)?.(key);
    await new Promise((done) => setTimeout(done, 0));
  }
}

describe('fetching', () => {
  const make = (): { slow: Slow; loader: FrameLoader<string> } => {
    const slow = new Slow();
    return { slow, loader: new FrameLoader(new FrameStore<string>(1000), slow.fetch, () => 1) };
  };

  it('asks for what is waited for at once, however much is planned', async () => {
    const { slow, loader } = make();
    loader.plan(['1', '2', '3']);
    expect(slow.asked).toEqual(['1', '2']);
    const waited = loader.load('9');
    expect(slow.asked).toEqual(['1', '2', '9']);
    await slow.answer('1');
    // Nothing planned goes out while somebody waits.
    expect(slow.asked).toEqual(['1', '2', '9']);
    await slow.answer('9');
    expect(await waited).toBe('9');
    expect(slow.asked).toEqual(['1', '2', '9', '3']);
  });

  it('drops what is no longer planned', async () => {
    const { slow, loader } = make();
    loader.plan(['1', '2', '3', '4']);
    loader.plan(['8']);
    await slow.answer('1');
    await slow.answer('2');
    expect(slow.asked).toEqual(['1', '2', '8']);
  });

  it('asks once for what is planned and then waited for', async () => {
    const { slow, loader } = make();
    loader.plan(['1']);
    const waited = loader.load('1');
    await slow.answer('1');
    expect(await waited).toBe('1');
    expect(slow.asked).toEqual(['1']);
    expect(loader.ready('1')).toBe('1');
  });

  it('does not ask again by itself for what failed, but does for a person', async () => {
    let calls = 0;
    const loader = new FrameLoader<string>(
      new FrameStore(1000),
      async () => {
        calls += 1;
        throw new Error('broken');
      },
      () => 1,
    );
    await expect(loader.load('1')).rejects.toThrow('broken');
    loader.plan(['1']);
    expect(calls).toBe(1);
    await expect(loader.load('1')).rejects.toThrow('broken');
    expect(calls).toBe(2);
  });
});
