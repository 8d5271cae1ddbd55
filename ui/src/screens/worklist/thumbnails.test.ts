import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Thumbnails } from './thumbnails';

const bytes = (): ArrayBuffer => new Uint8Array([1]).buffer;

describe('thumbnails', () => {
  const made: string[] = [];
  const revoked: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    made.length = 0;
    revoked.length = 0;
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
      const url = `blob:${made.length}`;
      made.push(url);
      return url;
    });
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void revoked.push(url));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('are not fetched for a row that has scrolled away at once', async () => {
    const fetch = vi.fn(async () => bytes());
    const leave = new Thumbnails(fetch).want('1', () => undefined);
    await vi.advanceTimersByTimeAsync(30);
    leave();
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('are fetched four at a time, the newest row first, and once each', async () => {
    const waiting: (() => void)[] = [];
    const fetch = vi.fn((_: string) => new Promise<ArrayBuffer>((done) => waiting.push(() => done(bytes()))));
    const thumbnails = new Thumbnails(fetch);
    for (const uid of ['1', '2', '3', '4', '5', '6']) thumbnails.want(uid, () => undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(fetch).toHaveBeenCalledTimes(4);
    waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(fetch.mock.calls.at(-1)?.[0]).toBe('6');
    const told: (string | null)[] = [];
    thumbnails.want('1', (url) => told.push(url));
    expect(told).toEqual(['blob:0']);
  });

  it('are revoked when they are pushed out and when the vault is locked', async () => {
    const thumbnails = new Thumbnails(async () => bytes());
    for (let uid = 0; uid < 310; uid += 1) thumbnails.want(String(uid), () => undefined);
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(310);
    expect(revoked).toHaveLength(10);
    thumbnails.forget();
    expect(new Set(revoked).size).toBe(310);
  });

  it('that were given up are asked for again, a study without a picture is not', async () => {
    const fetch = vi.fn(async (uid: string): Promise<ArrayBuffer> => {
      throw { code: uid === 'none' ? 'no_picture' : 'given_up', message: '' };
    });
    const thumbnails = new Thumbnails(fetch);
    for (const uid of ['none', 'later']) thumbnails.want(uid, () => undefined);
    await vi.advanceTimersByTimeAsync(100);
    for (const uid of ['none', 'later']) thumbnails.want(uid, () => undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(fetch.mock.calls.map(([uid]) => uid).sort()).toEqual(['later', 'later', 'none']);
  });

  it('that come after the vault was locked are dropped', async () => {
    let done: (bytes: ArrayBuffer) => void = () => undefined;
    const thumbnails = new Thumbnails(() => new Promise((resolve) => (done = resolve)));
    const tell = vi.fn();
    thumbnails.want('1', tell);
    await vi.advanceTimersByTimeAsync(100);
    thumbnails.forget();
    done(bytes());
    await vi.advanceTimersByTimeAsync(10);
    expect(tell).not.toHaveBeenCalled();
    expect(made).toEqual([]);
  });
});
