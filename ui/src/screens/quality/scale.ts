/** Places of values on a chart. Pure. */
export type Point = { x: number; y: number; at: number };

/** The upper end of an axis from 0: the next of 1, 2, 5 times a power of ten, and never above `most`. */
export function upper_end(largest: number, most: number): number {
  if (!(largest > 0)) return most / 10;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((one) => one * power >= largest - 1e-12) ?? 10;
  return Math.min(most, step * power);
}

/** Middle of the step `at` of `count` on a chart of that width. */
export const middle = (at: number, count: number, width: number): number => ((at + 0.5) * width) / count;

/** Runs of neighbouring values; a missing value ends a run, so that no line is drawn over days without one. */
export function runs(values: readonly (number | null)[], width: number, height: number, top: number): Point[][] {
  const found: Point[][] = [];
  let open: Point[] = [];
  values.forEach((value, at) => {
    if (value === null) {
      if (open.length > 0) found.push(open);
      open = [];
      return;
    }
    open.push({ at, x: middle(at, values.length, width), y: height - (Math.min(value, top) / top) * height });
  });
  if (open.length > 0) found.push(open);
  return found;
}

/** Which steps carry a date below the chart: the first, the last and some between that do not touch. */
export function labelled(count: number, width: number, apart: number): number[] {
  const fit = Math.max(2, Math.floor(width / apart));
  if (count <= fit) return Array.from({ length: count }, (_, at) => at);
  return Array.from({ length: fit }, (_, at) => Math.round((at * (count - 1)) / (fit - 1)));
}
