import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Autosave, longest_ms, pause_ms, retry_ms, type Progress } from './autosave';

/** A store that keeps what it is given, as slowly and as badly as a test asks. */
function bench() {
  const world = {
    text: '',
    stored: '',
    stores: [] as { at: number; text: string }[],
    slow: 0,
    broken: false,
    progress: [] as Progress[],
  };
  const autosave = new Autosave<string>({
    save: async () => {
      const text = world.text;
      if (world.slow > 0) await new Promise((done) => setTimeout(done, world.slow));
      if (world.broken) throw { code: 'disk_full', message: 'no space' };
      world.stored = text;
      world.stores.push({ at: Date.now(), text });
      return text;
    },
    saved: () => undefined,
    progress: (now) => world.progress.push(now),
  });
  const type = (letters: string): void => {
    world.text += letters;
    autosave.changed();
  };
  return { world, autosave, type };
}

describe('autosave', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it('stores once after a pause, and not before', async () => {
    const { world, type } = bench();
    type('a');
    await vi.advanceTimersByTimeAsync(pause_ms - 100);
    type('b');
    await vi.advanceTimersByTimeAsync(pause_ms - 1);
    expect(world.stores).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(world.stores.map((one) => one.text)).toEqual(['ab']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.stores).toHaveLength(1);
  });

  it.each([0, 50, 300])(
    'never leaves a letter unsaved for two seconds while somebody types without a pause (a save takes %i ms)',
    async (slow) => {
      const { world, type } = bench();
      world.slow = slow;
      const typed: { at: number; length: number }[] = [];
      let oldest = 0;
      for (let at = 0; at < 30_000; at += 100) {
        type('x');
        typed.push({ at: Date.now(), length: world.text.length });
        await vi.advanceTimersByTimeAsync(100);
        const unsaved = typed.find((one) => one.length > world.stored.length);
        if (unsaved !== undefined) oldest = Math.max(oldest, Date.now() - unsaved.at);
      }
      expect(oldest).toBeLessThanOrEqual(2_000);
      expect(world.stores.length).toBeLessThan(30_000 / longest_ms + 3);
    },
  );

  it('stores what was typed during a save, in order, and never two at a time', async () => {
    const { world, type } = bench();
    world.slow = 500;
    type('first');
    await vi.advanceTimersByTimeAsync(pause_ms + 10);
    type(' second');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.stores.map((one) => one.text)).toEqual(['first', 'first second']);
  });

  it('stores at once when asked to, and waits for a save that is under way', async () => {
    const { world, autosave, type } = bench();
    world.slow = 200;
    type('a');
    const first = autosave.flush();
    await vi.advanceTimersByTimeAsync(100);
    type('b');
    const second = autosave.flush();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await first).toBe(true);
    expect(await second).toBe(true);
    expect(world.stored).toBe('ab');
    expect(autosave.unsaved).toBe(false);
  });

  it('keeps the text when saving fails, tries again, and stores the newest when it works', async () => {
    const { world, autosave, type } = bench();
    world.broken = true;
    type('kept');
    expect(await autosave.flush()).toBe(false);
    expect(world.progress.at(-1)?.kind).toBe('failed');
    expect(autosave.unsaved).toBe(true);
    type(' and more');
    expect(world.progress.at(-1)?.kind).toBe('failed');
    world.broken = false;
    await vi.advanceTimersByTimeAsync((retry_ms[0] ?? 0) + 1);
    expect(world.stored).toBe('kept and more');
    expect(world.progress.at(-1)).toEqual({ kind: 'clean' });
  });

  it('tries again ever more slowly, and goes on for as long as it fails', async () => {
    const { world, autosave, type } = bench();
    world.broken = true;
    type('kept');
    await vi.advanceTimersByTimeAsync(120_000);
    const tries = world.progress.filter((one) => one.kind === 'failed').length;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(16);
    expect(autosave.unsaved).toBe(true);
    autosave.give_up();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.progress.filter((one) => one.kind === 'failed')).toHaveLength(tries);
  });
});
