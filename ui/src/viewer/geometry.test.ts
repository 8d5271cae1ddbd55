import { describe, expect, it } from 'vitest';
import {
  corner_from_pixel,
  depth_mm,
  letters,
  orientation_letters,
  parallel,
  pixel_from_corner,
  pixel_from_world,
  plane_of,
  world_from_pixel,
} from './geometry';
import { instance_of } from './testing';
import { rotated, whole } from './view';

const axial = instance_of({
  orientation: [1, 0, 0, 0, 1, 0],
  position_mm: [-100, -90, 30],
  pixel_spacing_mm: [0.5, 0.25],
});
const sagittal = instance_of({
  orientation: [0, 1, 0, 0, 0, -1],
  position_mm: [10, -90, 80],
  pixel_spacing_mm: [1, 1],
});

describe('where a pixel lies in the patient', () => {
  it('counts from the centre of the first pixel, columns along the row', () => {
    expect(world_from_pixel(plane_of(axial), [0, 0])).toEqual([-100, -90, 30]);
    expect(world_from_pixel(plane_of(axial), [4, 2])).toEqual([-99, -89, 30]);
  });

  it('is found again', () => {
    for (const instance of [axial, sagittal, instance_of()]) {
      const plane = plane_of(instance);
      const [x, y] = pixel_from_world(plane, world_from_pixel(plane, [12.25, 7.5]));
      expect(x).toBeCloseTo(12.25, 9);
      expect(y).toBeCloseTo(7.5, 9);
    }
  });

  it('lies half a pixel from corner coordinates', () => {
    expect(corner_from_pixel([0, 0])).toEqual([0.5, 0.5]);
    expect(pixel_from_corner(corner_from_pixel([3, 4]))).toEqual([3, 4]);
  });

  it('has a depth along the slice, unless it has no place', () => {
    expect(depth_mm(axial)).toBe(30);
    expect(depth_mm(instance_of({ orientation: axial.orientation }))).toBeNull();
    expect(parallel(axial, axial)).toBe(true);
    expect(parallel(axial, sagittal)).toBe(false);
    expect(parallel(axial, instance_of())).toBe(false);
  });
});

describe('orientation letters', () => {
  it('say where the patient is on each side', () => {
    expect(orientation_letters(axial, whole)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
    expect(orientation_letters(sagittal, whole)).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' });
  });

  it('follow turns and mirrors', () => {
    expect(orientation_letters(axial, { ...whole, flip_horizontal: true })).toMatchObject({
      left: 'L',
      right: 'R',
      top: 'A',
    });
    expect(orientation_letters(axial, { ...whole, flip_vertical: true })).toMatchObject({
      top: 'P',
      bottom: 'A',
      left: 'R',
    });
    // Turned clockwise, what was on the left comes to the top.
    expect(orientation_letters(axial, rotated(whole, 90))).toEqual({ top: 'R', bottom: 'L', right: 'A', left: 'P' });
    expect(orientation_letters(axial, rotated(whole, 180))).toMatchObject({ left: 'L', top: 'P' });
  });

  it('name oblique directions by what weighs most, and nothing where nothing is known', () => {
    expect(letters([0.8, 0.6, 0])).toBe('LP');
    expect(letters([0.1, -0.2, 0.97])).toBe('H');
    expect(letters([0, 0, 0])).toBe('');
    expect(orientation_letters(instance_of(), whole)).toBeNull();
  });
});
