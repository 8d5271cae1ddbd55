import { describe, expect, it } from 'vitest';
import { by_set, drawn } from './figures';

const figure = (value: number | null, low: number | null = null, high: number | null = null, set = 'a') => ({
  name: 'x',
  value,
  low,
  high,
  set,
});

describe('figures on a scale', () => {
  it('draws the value between the ends of its interval', () => {
    expect(drawn(figure(0.5, 0.25, 0.75))).toEqual({ value: 50, low: 25, high: 75 });
    expect(drawn(figure(0.5))).toEqual({ value: 50, low: 50, high: 50 });
  });

  it('draws nothing for what has no value or lies outside the scale, and cuts an interval at its end', () => {
    expect(drawn(figure(null, 0.1, 0.2))).toBeNull();
    expect(drawn(figure(1.7, 1.2, 2.1))).toBeNull();
    expect(drawn(figure(Number.NaN))).toBeNull();
    expect(drawn(figure(0.9, 0.8, 1.2))).toEqual({ value: 90, low: 80, high: 100 });
  });

  it('keeps figures of different sets apart', () => {
    const sets = by_set([figure(0.1, null, null, 'a'), figure(0.2, null, null, 'b'), figure(0.3, null, null, 'a')]);
    expect(sets.map((one) => [one.set, one.figures.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });
});
