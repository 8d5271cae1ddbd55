/** What lies over a frame: what its shutter hides, and the overlay planes of its file. */
import type { Frame, Runs } from './frame';

/** Of overlay planes: a yellow that no grey image has, red, green, blue. */
const drawn = [255, 214, 10] as const;

/** First place and length of each run of pixels that are set. */
export function* set_runs(runs: Runs): Generator<[at: number, length: number]> {
  let at = 0;
  for (let number = 0; number < runs.length; number += 1) {
    const length = runs[number] ?? 0;
    if (number % 2 === 1 && length > 0) yield [at, length];
    at += length;
  }
}

/** Pixels of the marks (RGBA, little endian), clear where there is none; null for a frame without marks. */
export function marks_of(frame: Frame): Uint32Array | null {
  if (frame.overlay === null && frame.shutter === null) return null;
  const pixels = new Uint32Array(frame.rows * frame.cols);
  const fill = (runs: Runs | null, [r, g, b]: readonly [number, number, number]): void => {
    if (runs === null) return;
    const pixel = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    for (const [at, length] of set_runs(runs)) pixels.fill(pixel, at, at + length);
  };
  const level = frame.shutter_level;
  fill(frame.shutter, [level, level, level]);
  fill(frame.overlay, drawn);
  return pixels;
}
