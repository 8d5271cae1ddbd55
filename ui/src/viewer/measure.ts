/**
 * What length, angle and ellipse say while one draws: true values of the frame, in the units it has. Points count from
 * pixel centres. What is stored the program measures by the same rules (`domain::measured`), whose figures the tests of
 * this file compare with.
 */
import type { Measured, MeasuredRegion, SliceWire, SpacingBasis } from '../ipc';
import { modality_value, type Frame } from './frame';
import { clamp, type Point } from './view';

export type Units = {
  /** [between rows, between columns] */ spacing: Point | null;
  /** height of a pixel over its width, where no spacing is known */ aspect: number | null;
  /** of modality values */ unit: string | null;
  /** parts of the image with axes of their own */ regions: readonly MeasuredRegion[];
  /** what lengths rest on */ basis: SpacingBasis | null;
};

export function units_of(
  slice: Pick<SliceWire, 'pixel_spacing_mm' | 'pixel_aspect' | 'unit' | 'regions' | 'pixel_spacing_basis'>,
): Units {
  return {
    spacing: slice.pixel_spacing_mm,
    aspect: slice.pixel_aspect,
    unit: slice.unit,
    regions: slice.regions,
    basis: slice.pixel_spacing_basis,
  };
}

/** What is measured: straight lines from point to point, or the box around them. */
type Shape = { points: readonly Point[]; filled: boolean };
const lines_of = (points: readonly Point[]): Shape => ({ points, filled: false });
const box_of = (points: readonly Point[]): Shape => ({ points: extremes(points), filled: true });
/** What an annotation of this kind measures. */
const shape_of = (kind: string, points: readonly Point[]): Shape =>
  kind === 'ellipse' ? box_of(points) : lines_of(points);

/** The least and the greatest coordinates. */
function extremes(points: readonly Point[]): readonly [Point, Point] {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ];
}

type Edges = readonly [x: readonly [number, number], y: readonly [number, number]];
/** Pixels reach half a pixel beyond their centres. */
const edges_of = ({ x0, y0, x1, y1 }: MeasuredRegion): Edges => [
  [x0 - 0.5, x1 + 0.5],
  [y0 - 0.5, y1 + 0.5],
];

/** Whether a line runs through the inside of a box. */
function crosses(from: Point, to: Point, edges: Edges): boolean {
  // Shares of the way between which the line is within the edges.
  let [enters, leaves] = [0, 1];
  for (const axis of [0, 1] as const) {
    const [low, high] = edges[axis];
    const way = to[axis] - from[axis];
    if (way === 0) {
      if (from[axis] <= low || from[axis] >= high) return false;
      continue;
    }
    const [a, b] = [(low - from[axis]) / way, (high - from[axis]) / way];
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
  }
  return enters < leaves;
}

/** Whether some of it lies in the region, and not on its edge alone. */
function touches({ points, filled }: Shape, edges: Edges): boolean {
  const pairs = points.slice(1).map((to, at) => [points[at] ?? to, to] as const);
  if (!filled) return pairs.some(([from, to]) => crosses(from, to, edges));
  return pairs.some(([least, greatest]) =>
    ([0, 1] as const).every((axis) => least[axis] < edges[axis][1] && greatest[axis] > edges[axis][0]),
  );
}

const is_within = ({ points }: Shape, [[left, right], [top, bottom]]: Edges): boolean =>
  points.every(([x, y]) => x >= left && x <= right && y >= top && y <= bottom);

/** The one region that holds all of it and that no other lies above of there: the first that touches it lies above. */
function region_of({ regions }: Units, shape: Shape): MeasuredRegion | null {
  const first = regions.find((region) => touches(shape, edges_of(region)) || is_within(shape, edges_of(region)));
  return first !== undefined && is_within(shape, edges_of(first)) ? first : null;
}

const is_length = (region: MeasuredRegion): boolean => region.unit_x === 'cm' && region.unit_y === 'cm';

/** [between rows, between columns] in millimetres where it lies; null where nothing is known there. */
function spacing_at(units: Units, shape: Shape): Point | null {
  const region = region_of(units, shape);
  if (region === null) return units.regions.length === 0 ? units.spacing : null;
  return is_length(region) ? [Math.abs(region.delta_y) * 10, Math.abs(region.delta_x) * 10] : null;
}

/** What the lengths of an annotation rest on; null where it has none, or nothing is known of it. */
export function basis_at(kind: string, points: readonly Point[], units: Units): SpacingBasis | null {
  const shape = shape_of(kind, points);
  if (spacing_at(units, shape) === null) return null;
  return region_of(units, shape) === null ? units.basis : 'ultrasound_region';
}

/** Along axes of different units each part is told by itself, such as time and velocity. */
function lengths(from: Point, to: Point, units: Units): Measured[] {
  const shape = lines_of([from, to]);
  const region = region_of(units, shape);
  if (region === null || is_length(region)) return [length(from, to, spacing_at(units, shape))];
  const along = Math.abs((to[0] - from[0]) * region.delta_x);
  const down = Math.abs((to[1] - from[1]) * region.delta_y);
  if (region.unit_x === region.unit_y)
    return [{ name: 'length', value: Math.hypot(along, down), unit: shown_unit(region.unit_x) }];
  const parts: Measured[] = [];
  if (along > 0) parts.push(part('across', along, region.unit_x));
  if (down > 0) parts.push(part('down', down, region.unit_y));
  return parts;
}

const shown_unit = (unit: string): string => (unit === 'none' ? '' : unit);
const part = (name: string, value: number, unit: string): Measured =>
  unit === 'cm' ? { name, value: value * 10, unit: 'mm' } : { name, value, unit: shown_unit(unit) };

export function length(from: Point, to: Point, spacing: Point | null): Measured {
  return { name: 'length', value: distance(from, to, spacing), unit: spacing === null ? 'px' : 'mm' };
}

function distance([x1, y1]: Point, [x2, y2]: Point, spacing: Point | null): number {
  const [down, across] = spacing ?? [1, 1];
  return Math.hypot((x2 - x1) * across, (y2 - y1) * down);
}

/** The angle at `corner`, in millimetres' space so that anisotropic pixels do not bend it. */
export function angle(from: Point, corner: Point, to: Point, spacing: Point | null): Measured {
  const [down, across] = spacing ?? [1, 1];
  const first: Point = [(from[0] - corner[0]) * across, (from[1] - corner[1]) * down];
  const second: Point = [(to[0] - corner[0]) * across, (to[1] - corner[1]) * down];
  const cross = first[0] * second[1] - first[1] * second[0];
  const dot = first[0] * second[0] + first[1] * second[1];
  return { name: 'angle', value: (Math.abs(Math.atan2(cross, dot)) * 180) / Math.PI, unit: '°' };
}

export type Ellipse = { center: Point; /** half axes along x and y, in pixels */ radius: Point };

/** The ellipse through the ends of its axes: bottom, top, left, right, however they are turned on the screen. */
export function ellipse_of(points: readonly Point[]): Ellipse | null {
  if (points.length < 4) return null;
  const [[left, top], [right, bottom]] = extremes(points);
  return { center: [(left + right) / 2, (top + bottom) / 2], radius: [(right - left) / 2, (bottom - top) / 2] };
}

export type Statistics = { count: number; mean: number; sd: number; min: number; max: number };

/** Of the pixels whose centre lies in the ellipse; values that are no number do not count. null when there are none. */
export function statistics(frame: Frame, { center, radius }: Ellipse): Statistics | null {
  const top = clamp(Math.ceil(center[1] - radius[1]), 0, frame.rows);
  const bottom = clamp(Math.floor(center[1] + radius[1]), -1, frame.rows - 1);
  let count = 0;
  let mean = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let y = top; y <= bottom; y += 1) {
    const part = radius[1] > 0 ? (y - center[1]) / radius[1] : 0;
    const reach = radius[0] * Math.sqrt(Math.max(0, 1 - part * part));
    const left = clamp(Math.ceil(center[0] - reach), 0, frame.cols);
    const right = clamp(Math.floor(center[0] + reach), -1, frame.cols - 1);
    for (let x = left; x <= right; x += 1) {
      const value = modality_value(frame, x, y);
      if (value === null || !Number.isFinite(value)) continue;
      count += 1;
      const from_mean = value - mean;
      mean += from_mean / count;
      squares += from_mean * (value - mean);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return count === 0 ? null : { count, mean, sd: Math.sqrt(squares / count), min, max };
}

export function ellipse(points: readonly Point[], frame: Frame | null, units: Units): Measured[] {
  const shape = ellipse_of(points);
  if (shape === null) return [];
  const spacing = spacing_at(units, box_of(points));
  const [down, across] = spacing ?? [1, 1];
  const area = Math.PI * shape.radius[0] * across * shape.radius[1] * down;
  const values: Measured[] = [{ name: 'area', value: area, unit: spacing === null ? 'px²' : 'mm²' }];
  const found = frame === null || frame.color ? null : statistics(frame, shape);
  if (found === null) return values;
  const unit = units.unit ?? '';
  const { mean, sd, min, max } = found;
  return [...values, ...Object.entries({ mean, sd, min, max }).map(([name, value]) => ({ name, value, unit }))];
}

/** What an annotation says of itself, by its kind. */
export function measured(kind: string, points: readonly Point[], frame: Frame | null, units: Units): Measured[] {
  const [first, second, third] = points;
  if (kind === 'length' && first !== undefined && second !== undefined) return lengths(first, second, units);
  if (kind === 'angle' && first !== undefined && second !== undefined && third !== undefined)
    return [angle(first, second, third, spacing_at(units, lines_of([first, second, third])) ?? [units.aspect ?? 1, 1])];
  if (kind === 'ellipse') return ellipse(points, frame, units);
  return [];
}
