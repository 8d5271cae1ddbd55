import { describe, expect, it } from 'vitest';
import { labelled, runs, upper_end } from './scale';

describe('places on a chart', () => {
  it('ends an axis at a round number that holds the largest value', () => {
    expect([0.013, 0.1, 0.11, 0.3, 0.7, 0.99].map((largest) => upper_end(largest, 1))).toEqual([
      0.02, 0.1, 0.2, 0.5, 1, 1,
    ]);
    expect(upper_end(0, 1)).toBe(0.1);
  });

  it('interrupts a line where a value is missing', () => {
    const found = runs([0, 1, null, 0.5], 400, 100, 1);
    expect(found).toEqual([
      [
        { at: 0, x: 50, y: 100 },
        { at: 1, x: 150, y: 0 },
      ],
      [{ at: 3, x: 350, y: 50 }],
    ]);
    expect(runs([null, null], 100, 100, 1)).toEqual([]);
  });

  it('dates the first and the last step and no more than fit', () => {
    expect(labelled(3, 1000, 80)).toEqual([0, 1, 2]);
    const found = labelled(90, 800, 100);
    expect(found).toHaveLength(8);
    expect([found[0], found.at(-1)]).toEqual([0, 89]);
  });
});
