import { describe, expect, it } from 'vitest';
import { agreement, difference, together, wilson } from './statistics';

describe('Wilson’s interval', () => {
  // Reference values: Newcombe 1998, table I (method 3), and R's prop.test without correction.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [20, 20, 0.8389, 1],
  ])('of %i in %i', (count, total, low, high) => {
    const interval = wilson(count, total);
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  it('is nothing where nothing was counted, and never leaves the scale', () => {
    expect(wilson(0, 0)).toBeNull();
    expect(wilson(3, 2)).toBeNull();
    expect(wilson(-1, 2)).toBeNull();
    for (const total of [1, 2, 7, 1_000_000]) {
      for (const count of [0, 1, total]) {
        const interval = wilson(count, total);
        expect(interval).not.toBeNull();
        if (interval === null) continue;
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low).toBeLessThanOrEqual(count / total);
        expect(interval.high).toBeGreaterThanOrEqual(count / total);
      }
    }
  });
});

describe('the difference of two shares', () => {
  // Newcombe 1998 (differences), table II, method 10: 56/70 and 48/80 give 0.0524 to 0.3339 for the first less the second.
  it('has the interval that Newcombe gives', () => {
    const interval = difference({ count: 48, total: 80 }, { count: 56, total: 70 });
    expect(interval?.low).toBeCloseTo(0.0524, 4);
    expect(interval?.high).toBeCloseTo(0.3339, 4);
  });

  it('holds zero where both shares are the same, and is nothing where one was not counted', () => {
    const interval = difference({ count: 5, total: 50 }, { count: 10, total: 100 });
    expect(interval?.low).toBeLessThan(0);
    expect(interval?.high).toBeGreaterThan(0);
    expect(difference({ count: 0, total: 0 }, { count: 1, total: 2 })).toBeNull();
  });
});

describe('agreement of model and reader', () => {
  it('counts the studies of which both said the same', () => {
    const found = agreement({ both: 180, model_only: 31, reader_only: 12, neither: 402 });
    expect(found).toMatchObject({ total: 625, agreed: 582 });
    expect(found.share).toBeCloseTo(0.9312, 6);
  });

  it('claims nothing without a study', () => {
    expect(agreement({ both: 0, model_only: 0, reader_only: 0, neither: 0 })).toEqual({
      total: 0,
      agreed: 0,
      share: null,
      interval: null,
    });
  });

  it('adds versions up', () => {
    expect(
      together([
        { both: 1, model_only: 2, reader_only: 3, neither: 4 },
        { both: 10, model_only: 20, reader_only: 30, neither: 40 },
      ]),
    ).toEqual({ both: 11, model_only: 22, reader_only: 33, neither: 44 });
    expect(together([])).toEqual({ both: 0, model_only: 0, reader_only: 0, neither: 0 });
  });
});
