/** Between pixels of a frame and millimetres of the patient; where a frame lies, and its letters, come from the program. */
import type { SliceWire } from '../ipc';
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

/** [height, width] of a pixel: in millimetres, else as far as its shape is known. */
export function pixel_shape(slice: Pick<SliceWire, 'pixel_spacing_mm' | 'pixel_aspect'>): Point {
  return slice.pixel_spacing_mm ?? [slice.pixel_aspect ?? 1, 1];
}

export function plane_of(
  slice: Pick<SliceWire, 'position_mm' | 'orientation' | 'pixel_spacing_mm' | 'pixel_aspect'>,
): Plane {
  return {
    position: slice.position_mm ?? [0, 0, 0],
    row: slice.orientation?.row ?? [1, 0, 0],
    column: slice.orientation?.column ?? [0, 1, 0],
    spacing: pixel_shape(slice),
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

export type Letters = NonNullable<SliceWire['sides']>;

/** The letters of the image's sides at the four sides of the tile, as the image is turned and mirrored now. */
export function turned_letters(sides: Letters, view: View): Letters {
  const [xx, xy, yx, yy] = turn(view);
  const towards = (x: number, y: number): string => {
    if (x !== 0) return x > 0 ? sides.right : sides.left;
    return y > 0 ? sides.bottom : sides.top;
  };
  return { right: towards(xx, yx), left: towards(-xx, -yx), bottom: towards(xy, yy), top: towards(-xy, -yy) };
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a: Vector, k: number): Vector => [a[0] * k, a[1] * k, a[2] * k];
