import { describe, expect, it } from 'vitest';
import type { OperatingPoint, SetRef } from '../ipc';
import { measured_on } from './operating_point';

const brain: SetRef = { pack: 'brain', subset: null, split: 'val', images: 367, patients: 12 };
const figure = { value: 0.9, low: null, high: null };

const point = (set: SetRef, chosen_on_it: boolean): OperatingPoint => ({
  name: 'p',
  threshold: 0.5,
  sensitivity: figure,
  specificity: figure,
  set,
  chosen_on_it,
});

describe('the set of an operating point', () => {
  it('is told with what was counted of it, and whether the threshold was chosen there', () => {
    expect(measured_on(point({ ...brain, subset: 'flair' }, true))).toBe(
      'brain/flair val, 367 images of 12 patients, the same images on which the threshold was chosen',
    );
    expect(measured_on(point({ ...brain, patients: null }, false))).toBe('brain val, 367 images');
    expect(measured_on(point({ ...brain, images: null, patients: null }, false))).toBe('brain val');
  });
});
