/** What length, angle and ellipse say: true values of the frame, in the units it has. Points count from pixel centres. */
import type { Measured, SliceWire } from '../ipc';
import { modality_value, type Frame } from './frame';
import { clamp, type Point } from './view';

export type Units = {
  /** [between rows, between columns] */ spacing: Point | null;
  /** of modality values */ unit: string | null;
};

export function units_of(slice: Pick<SliceWire, 'pixel_spacing_mm' | 'unit'>): Units {
  return { spacing: slice.pixel_spacing_mm, unit: slice.unit };
}

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
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
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
  const [down, across] = units.spacing ?? [1, 1];
  const area = Math.PI * shape.radius[0] * across * shape.radius[1] * down;
  const values: Measured[] = [{ name: 'area', value: area, unit: units.spacing === null ? 'px²' : 'mm²' }];
  const found = frame === null || frame.color ? null : statistics(frame, shape);
  if (found === null) return values;
  const unit = units.unit ?? '';
  const { mean, sd, min, max } = found;
  return [...values, ...Object.entries({ mean, sd, min, max }).map(([name, value]) => ({ name, value, unit }))];
}

/** What an annotation says of itself, by its kind. */
export function measured(kind: string, points: readonly Point[], frame: Frame | null, units: Units): Measured[] {
  const [first, second, third] = points;
  if (kind === 'length' && first !== undefined && second !== undefined) return [length(first, second, units.spacing)];
  if (kind === 'angle' && first !== undefined && second !== undefined && third !== undefined)
    return [angle(first, second, third, units.spacing)];
  if (kind === 'ellipse') return ellipse(points, frame, units);
  return [];
}
