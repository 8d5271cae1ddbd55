/**
 * From a stored value to a grey on the screen: the formulas of `domain::grey`, which decides a frame's first window and
 * its function. `grey_vectors.json` holds greys that it made. Pure; the painter only looks the answers up.
 */
import type { Frame, Samples, Window } from './frame';

/**
 * Brightness 0..255 of a modality value. DICOM PS3.3 C.11.2.1.2: LINEAR counts whole values, LINEAR_EXACT (`exact`)
 * measures.
 */
export function brightness(value: number, window: Window, exact: boolean): number {
  const { center, width } = window;
  const share = exact ? (value - center) / Math.max(width, Number.MIN_VALUE) + 0.5 : linear(value, center, width);
  return share <= 0 ? 0 : share >= 1 ? 255 : Math.round(share * 255);
}

function linear(value: number, center: number, width: number): number {
  if (width <= 1) return value > center - 0.5 ? 1 : 0;
  return (value - (center - 0.5)) / (width - 1) + 0.5;
}

/** A window narrower than one value cannot count values. */
const is_exact = (frame: Frame, window: Window): boolean => frame.exact || window.width < 1;

const opaque = 0xff000000;
export const grey_pixel = (level: number): number => (opaque | (level << 16) | (level << 8) | level) >>> 0;

/** How many values samples of this kind can take; 0 where a table makes no sense. */
export function table_size(samples: Samples): number {
  if (samples instanceof Float32Array) return 0;
  return samples.BYTES_PER_ELEMENT === 1 ? 256 : 65536;
}

/**
 * Fills `table` so that `table[stored & (table.length - 1)]` is the pixel of a stored value (RGBA, little endian).
 * Negative values wrap to the upper half, so signed samples need no offset.
 */
export function fill_table(table: Uint32Array, frame: Frame, window: Window, inverted: boolean): void {
  const exact = is_exact(frame, window);
  const flip = frame.invert !== inverted;
  const mask = table.length - 1;
  const last = Math.floor(frame.max);
  for (let stored = Math.ceil(frame.min); stored <= last; stored += 1) {
    const level = brightness(stored * frame.slope + frame.intercept, window, exact);
    table[stored & mask] = grey_pixel(flip ? 255 - level : level);
  }
}

/** Brightness of a colour channel, 0..255: the window acts on it as on a grey, with 127.5 / 255 leaving it as it is. */
export function fill_channel_table(table: Uint8Array, window: Window, inverted: boolean): void {
  for (let stored = 0; stored < 256; stored += 1) {
    const level = brightness(stored, window, true);
    table[stored] = inverted ? 255 - level : level;
  }
}

/** A pixel of a fractional sample; not-a-number is black whatever the window, it is no value. */
export function float_pixel(stored: number, frame: Frame, window: Window, inverted: boolean): number {
  if (Number.isNaN(stored)) return opaque >>> 0;
  const level = brightness(stored * frame.slope + frame.intercept, window, is_exact(frame, window));
  return grey_pixel(frame.invert !== inverted ? 255 - level : level);
}
