import { describe, expect, it } from 'vitest';
import type { Measured } from '../ipc';
import { parse_frame } from './frame';
import { angle, basis_at, ellipse, ellipse_of, length, measured, statistics, units_of, type Units } from './measure';
import vectors from '../ipc/generated/measure_vectors.json';
import { frame_of, slice_of } from './testing';
import type { Point } from './view';

const spacing: Point = [0.5, 0.25];
const units = (part: Partial<Units>): Units => ({ ...units_of(slice_of()), ...part });

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

describe('a length in a region with axes of its own', () => {
  const region = { x0: 0, y0: 0, x1: 63, y1: 20, unit_x: 'cm', unit_y: 'cm', delta_x: 0.03, delta_y: 0.02 } as const;
  const spectral = { x0: 0, y0: 24, x1: 63, y1: 47, unit_x: 's', unit_y: 'cm/s', delta_x: 0.01, delta_y: -2 } as const;
  const of = (from: Point, to: Point): { name: string; value: number; unit: string }[] =>
    measured('length', [from, to], null, units({ regions: [region, spectral] }));

  it('is in millimetres where both axes are lengths', () => {
    expect(of([10, 5], [20, 5])[0]?.value).toBeCloseTo(3, 9);
    expect(of([10, 5], [10, 15])[0]).toMatchObject({ name: 'length', unit: 'mm' });
    expect(of([10, 5], [10, 15])[0]?.value).toBeCloseTo(2, 9);
  });

  it('is told along each axis where they differ', () => {
    const told = of([10, 28], [30, 38]);
    expect(told.map(({ name, unit }) => [name, unit])).toEqual([
      ['across', 's'],
      ['down', 'cm/s'],
    ]);
    expect(told[0]?.value).toBeCloseTo(0.2, 9);
    expect(told[1]?.value).toBeCloseTo(20, 9);
    expect(of([10, 30], [30, 30])).toHaveLength(1);
  });

  it('is in pixels outside of every region and across two', () => {
    expect(of([1, 22], [21, 22])).toEqual([{ name: 'length', value: 20, unit: 'px' }]);
    expect(of([10, 10], [10, 30])).toEqual([{ name: 'length', value: 20, unit: 'px' }]);
    const beside = units({ regions: [region], spacing: [5, 5] });
    expect(
      measured(
        'length',
        [
          [1, 22],
          [21, 22],
        ],
        null,
        beside,
      ),
    ).toEqual([{ name: 'length', value: 20, unit: 'px' }]);
  });

  it('is of the first of those that overlap, and of none across them', () => {
    const inset = { ...region, x0: 20, y0: 5, x1: 30, y1: 15, delta_x: 0.01 };
    const both = units({ regions: [inset, region] });
    const along = (from: Point, to: Point): ReturnType<typeof measured>[number] | undefined =>
      measured('length', [from, to], null, both)[0];
    expect(along([20, 10], [30, 10])?.value).toBeCloseTo(1, 9);
    expect(along([0, 2], [10, 2])?.value).toBeCloseTo(3, 9);
    expect(along([10, 10], [25, 10])).toEqual({ name: 'length', value: 15, unit: 'px' });
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
    const values = ellipse(points, frame, units({ spacing: [2, 2], unit: 'HU' }));
    expect(values[0]?.name).toBe('area');
    expect(values[0]?.value).toBeCloseTo(Math.PI * 6 * 4, 9);
    expect(values[0]?.unit).toBe('mm²');
    expect(values.slice(1)).toEqual([
      { name: 'mean', value: 40, unit: 'HU' },
      { name: 'sd', value: 0, unit: 'HU' },
      { name: 'min', value: 40, unit: 'HU' },
      { name: 'max', value: 40, unit: 'HU' },
    ]);
    expect(ellipse(points, frame, units({ spacing: null, unit: null }))[0]?.unit).toBe('px²');
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
    expect(ellipse(points, frame, units({ spacing: null, unit: null }))).toHaveLength(1);
  });
});

it('nothing is said of an annotation that is not complete', () => {
  expect(measured('length', [[0, 0]], null, units({ spacing: null, unit: null }))).toEqual([]);
  expect(measured('ellipse', [[0, 0]], null, units({ spacing: null, unit: null }))).toEqual([]);
  expect(measured('text', [[0, 0]], null, units({ spacing: null, unit: null }))).toEqual([]);
});

describe('what is shown is what the program stores', () => {
  const bytes_of = (hex: string): ArrayBuffer =>
    Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16)).buffer;
  /** Figures of two languages differ in their last digits. */
  const rounded = (told: readonly Measured[]): string[] =>
    told.map(({ name, value, unit }) => `${name} ${(value + 0).toPrecision(10)} ${unit}`);

  it.each(vectors.frames)('$name', ({ frame, slice, drawn }) => {
    const parsed = parse_frame(bytes_of(frame));
    const by = units_of(slice as unknown as Parameters<typeof units_of>[0]);
    for (const one of drawn) {
      const points = one.points as unknown as Point[];
      const what = `${one.kind} ${JSON.stringify(points)}`;
      expect(rounded(measured(one.kind, points, parsed, by)), what).toEqual(rounded(one.measured));
      expect(basis_at(one.kind, points, by), what).toBe(one.basis);
    }
    expect(drawn.length).toBeGreaterThan(60);
  });
});
