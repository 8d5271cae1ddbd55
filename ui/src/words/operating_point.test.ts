import { describe, expect, it } from 'vitest';
import type { OperatingPoint, SetRef } from '../ipc';
import { measured_on, sensitivity, specificity } from './operating_point';

const brain: SetRef = { pack: 'brain', subset: null, split: 'val', images: 367, patients: 12 };
const figure = { value: 0.9, low: null, high: null };

const point = (set: SetRef, chosen_on_it: boolean): OperatingPoint => ({
  name: 'p',
  threshold: 0.5,
  sensitivity: figure,
  specificity: figure,
  set,
  chosen_on_it,
  patients: null,
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

describe('the figures of an operating point', () => {
  const of = (hits: number, all: number, at_least: number) => ({ hits, of: all, at_least });
  const counted = (spared: ReturnType<typeof of>, established: boolean): OperatingPoint => ({
    ...point(brain, false),
    patients: {
      sensitivity: of(51, 57, 0.804),
      specificity: spared,
      established,
      chosen_on: '',
      manifest_sha256: '',
    },
  });

  it('are shares of patients with what is certain, where they were counted so', () => {
    const known = counted(of(60, 69, 0.784), true);
    expect(sensitivity(known)).toBe('89.5% (51 of 57, at least 80.4%)');
    expect(specificity(known)).toBe('87.0% (60 of 69, at least 78.4%)');
    expect(measured_on(known)).toContain('whose images were not used to choose');
  });

  it('say that a specificity is not established', () => {
    expect(specificity(counted(of(12, 14, 0.615), false))).toBe('not established: 85.7% (12 of 14, at least 61.5%)');
    expect(specificity(counted(of(0, 0, 0), false))).toBe('not established: no patient without a lesion');
    expect(specificity({ ...point(brain, false), specificity: null })).toBeNull();
    expect(sensitivity(point(brain, false))).toBe('90.0%');
  });
});
