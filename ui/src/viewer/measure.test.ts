import { describe, expect, it } from 'vitest';
import { angle, ellipse, ellipse_of, length, measured, statistics } from './measure';
import { frame_of } from './testing';
import type { Point } from './view';

const spacing: Point = [0.5, 0.25];

describe('a length', () => {
  it('is in millimetres of both directions', () => {
    expect(length([0, 0], [8, 0], spacing)).toEqual({ name: 'length', value: 2, unit: 'mm' });
    expect(length([0, 0], [0, 8], spacing).value).toBe(4);
    expect(length([10, 10], [22, 18], spacing).value).toBe(5);
  });
  it('is in pixels where there is no spacing', () => {
    expect(length([0, 0], [3, 4], null)).toEqual({ name: 'length', value: 5, unit: 'px' });
  });
});

describe('an angle', () => {
  it('is measured in the patient, not in pixels', () => {
    expect(angle([4, 0], [0, 0], [0, 4], null).value).toBeCloseTo(90, 9);
    expect(angle([4, 0], [0, 0], [4, 4], null).value).toBeCloseTo(45, 9);
    expect(angle([4, 0], [0, 0], [4, 4], spacing).value).toBeCloseTo(63.4349, 3);
    expect(angle([-1, 0], [0, 0], [1, 0], null)).toMatchObject({ value: 180, unit: '°' });
  });
});

describe('an ellipse', () => {
  const points: Point[] = [
    [5, 7],
    [5, 3],
    [2, 5],
    [8, 5],
  ];

  it('is the same however its ends are ordered', () => {
    expect(ellipse_of(points)).toEqual({ center: [5, 5], radius: [3, 2] });
    expect(ellipse_of([...points].reverse())).toEqual({ center: [5, 5], radius: [3, 2] });
  });

  it('takes the pixels whose centre it holds', () => {
    const samples = Int16Array.from({ length: 121 }, (_, at) => (at % 11) * 10);
    const frame = frame_of(samples, 11, { slope: 2, intercept: -100 });
    const found = statistics(frame, { center: [5, 5], radius: [2, 0] });
    // Columns 3 to 7 of one row: 30..70, twice that less 100.
    expect(found).toMatchObject({ count: 5, mean: 0, min: -40, max: 40 });
    expect(found?.sd).toBeCloseTo(Math.sqrt(800), 9);
  });

  it('says area, mean, spread and extremes with their units', () => {
    const frame = frame_of(new Int16Array(121).fill(40), 11);
    const values = ellipse(points, frame, { spacing: [2, 2], unit: 'HU' });
    expect(values[0]?.name).toBe('area');
    expect(values[0]?.value).toBeCloseTo(Math.PI * 6 * 4, 9);
    expect(values[0]?.unit).toBe('mm²');
    expect(values.slice(1)).toEqual([
      { name: 'mean', value: 40, unit: 'HU' },
      { name: 'sd', value: 0, unit: 'HU' },
      { name: 'min', value: 40, unit: 'HU' },
      { name: 'max', value: 40, unit: 'HU' },
    ]);
    expect(ellipse(points, frame, { spacing: null, unit: null })[0]?.unit).toBe('px²');
  });

  it('leaves out what is no number and what lies outside of the picture', () => {
    const frame = frame_of(new Float32Array([NaN, 1, 2, 3]), 2);
    expect(statistics(frame, { center: [0.5, 0.5], radius: [9, 9] })).toMatchObject({
      count: 3,
      mean: 2,
      min: 1,
      max: 3,
    });
    expect(statistics(frame, { center: [50, 50], radius: [3, 3] })).toBeNull();
  });

  it('gives a colour picture its area only', () => {
    const frame = frame_of(new Uint8Array(363), 11, { color: true });
    expect(ellipse(points, frame, { spacing: null, unit: null })).toHaveLength(1);
  });
});

it('nothing is said of an annotation that is not complete', () => {
  expect(measured('length', [[0, 0]], null, { spacing: null, unit: null })).toEqual([]);
  expect(measured('ellipse', [[0, 0]], null, { spacing: null, unit: null })).toEqual([]);
  expect(measured('text', [[0, 0]], null, { spacing: null, unit: null })).toEqual([]);
});
