/** Between pixels of a frame and millimetres of the patient (DICOM PS3.3 C.7.6.2.1.1), and what follows from it. */
import type { InstanceWire } from '../ipc';
import type { Point, View } from './view';
import { turn } from './view';

export type Vector = readonly [number, number, number];
/** Where a slice lies; pixel (0,0) is the centre of the first pixel. Without geometry the image is its own world. */
export type Plane = {
  readonly position: Vector;
  readonly row: Vector;
  readonly column: Vector;
  /** [between rows, between columns] */ readonly spacing: Point;
};

type Placed = Pick<InstanceWire, 'position_mm' | 'orientation' | 'pixel_spacing_mm'>;

export function plane_of(instance: Placed): Plane {
  const o = instance.orientation;
  return {
    position: instance.position_mm ?? [0, 0, 0],
    row: o === null ? [1, 0, 0] : [o[0], o[1], o[2]],
    column: o === null ? [0, 1, 0] : [o[3], o[4], o[5]],
    spacing: instance.pixel_spacing_mm ?? [1, 1],
  };
}

export function world_from_pixel(plane: Plane, [x, y]: Point): Vector {
  const along = x * plane.spacing[1];
  const down = y * plane.spacing[0];
  return sum(plane.position, sum(times(plane.row, along), times(plane.column, down)));
}

export function pixel_from_world(plane: Plane, world: Vector): Point {
  const from = minus(world, plane.position);
  return [dot(from, plane.row) / plane.spacing[1], dot(from, plane.column) / plane.spacing[0]];
}

export const pixel_from_corner = ([x, y]: Point): Point => [x - 0.5, y - 0.5];
export const corner_from_pixel = ([x, y]: Point): Point => [x + 0.5, y + 0.5];

export const normal_of = (plane: Plane): Vector => cross(plane.row, plane.column);

/** How far along its own normal a slice lies; null without position or orientation. */
export function depth_mm(instance: Placed): number | null {
  if (instance.position_mm === null || instance.orientation === null) return null;
  return dot(instance.position_mm, normal_of(plane_of(instance)));
}

/** Same direction of view, within about five degrees. */
export function parallel(a: Placed, b: Placed): boolean {
  if (a.orientation === null || b.orientation === null) return false;
  return Math.abs(dot(normal_of(plane_of(a)), normal_of(plane_of(b)))) > 0.996;
}

export type Letters = { left: string; right: string; top: string; bottom: string };

/** Orientation letters at the four sides of the tile, as the image is turned and mirrored now. */
export function orientation_letters(instance: Placed, view: View): Letters | null {
  if (instance.orientation === null) return null;
  const { row, column } = plane_of(instance);
  const [xx, xy, yx, yy] = turn(view);
  const right = sum(times(row, xx), times(column, yx));
  const down = sum(times(row, xy), times(column, yy));
  return {
    right: letters(right),
    left: letters(times(right, -1)),
    bottom: letters(down),
    top: letters(times(down, -1)),
  };
}

/** The patient's direction in words of DICOM: Left, Right, Anterior, Posterior, Head, Foot; oblique ones get up to three. */
export function letters([x, y, z]: Vector): string {
  const parts = [
    { size: Math.abs(x), letter: x > 0 ? 'L' : 'R' },
    { size: Math.abs(y), letter: y > 0 ? 'P' : 'A' },
    { size: Math.abs(z), letter: z > 0 ? 'H' : 'F' },
  ].sort((a, b) => b.size - a.size);
  const seen = parts.filter((part, index) => part.size > 0.25 || (index === 0 && part.size > 0));
  return seen.map((part) => part.letter).join('');
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a: Vector, k: number): Vector => [a[0] * k, a[1] * k, a[2] * k];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
