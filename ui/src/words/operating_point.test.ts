import { describe, expect, it } from 'vitest';
import { measured_on } from './operating_point';

const point = { name: 'p', threshold: 0.5, sensitivity: 0.9, specificity: 0.9, set: 'brain val' };

describe('the set of an operating point', () => {
  it('is told with what was counted of it, and whether the threshold was chosen there', () => {
    const known = { ...point, images: 367, patients: 12, chosen_on_it: true };
    expect(measured_on(known)).toBe(
      'brain val, 367 images of 12 patients, the same images on which the threshold was chosen',
    );
    expect(measured_on({ ...known, patients: null, chosen_on_it: false })).toBe('brain val, 367 images');
    expect(measured_on({ ...known, images: null, patients: null, chosen_on_it: false })).toBe('brain val');
  });
});
