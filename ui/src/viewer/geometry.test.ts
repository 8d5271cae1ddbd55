import { describe, expect, it } from 'vitest';
import {
  corner_from_pixel,
  pixel_from_corner,
  pixel_from_world,
  plane_of,
  turned_letters,
  world_from_pixel,
} from './geometry';
import { slice_of } from './testing';
import { rotated, whole } from './view';

const axial = slice_of({
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  position_mm: [-100, -90, 30],
  pixel_spacing_mm: [0.5, 0.25],
});
const sagittal = slice_of({
  orientation: { row: [0, 1, 0], column: [0, 0, -1] },
  position_mm: [10, -90, 80],
  pixel_spacing_mm: [1, 1],
});

describe('where a pixel lies in the patient', () => {
  it('counts from the centre of the first pixel, columns along the row', () => {
    expect(world_from_pixel(plane_of(axial), [0, 0])).toEqual([-100, -90, 30]);
    expect(world_from_pixel(plane_of(axial), [4, 2])).toEqual([-99, -89, 30]);
  });

  it('is found again', () => {
    for (const slice of [axial, sagittal, slice_of()]) {
      const plane = plane_of(slice);
      const [x, y] = pixel_from_world(plane, world_from_pixel(plane, [12.25, 7.5]));
      expect(x).toBeCloseTo(12.25, 9);
      expect(y).toBeCloseTo(7.5, 9);
    }
  });

  it('lies half a pixel from corner coordinates', () => {
    expect(corner_from_pixel([0, 0])).toEqual([0.5, 0.5]);
    expect(pixel_from_corner(corner_from_pixel([3, 4]))).toEqual([3, 4]);
  });
});

describe('the letters of the sides', () => {
  const sides = { left: 'R', right: 'L', top: 'A', bottom: 'P' };

  it('stand as they were sent', () => {
    expect(turned_letters(sides, whole)).toEqual(sides);
  });

  it('follow turns and mirrors', () => {
    expect(turned_letters(sides, { ...whole, flip_horizontal: true })).toEqual({ ...sides, left: 'L', right: 'R' });
    expect(turned_letters(sides, { ...whole, flip_vertical: true })).toEqual({ ...sides, top: 'P', bottom: 'A' });
    // Turned clockwise, what was on the left comes to the top.
    expect(turned_letters(sides, rotated(whole, 90))).toEqual({ top: 'R', bottom: 'L', right: 'A', left: 'P' });
    expect(turned_letters(sides, rotated(whole, 180))).toEqual({ left: 'L', right: 'R', top: 'P', bottom: 'A' });
    // Mirrored on the screen after the turn.
    expect(turned_letters(sides, { ...rotated(whole, 90), flip_horizontal: true })).toEqual({
      top: 'R',
      bottom: 'L',
      right: 'P',
      left: 'A',
    });
  });
});
