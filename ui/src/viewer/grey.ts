/**
 * From a stored value to a grey on the screen: the formulas of `domain::grey`, which decides a frame's first window and
 * its function. `grey_vectors.json` holds greys that it made. Pure; the painter only looks the answers up.
 */
import { is_nothing, type Curve, type Frame, type Samples, type Table, type Window } from './frame';

/**
 * Brightness 0..255 of a modality value. DICOM PS3.3 C.11.2.1.2: LINEAR counts whole values, LINEAR_EXACT measures
 * (C.11.2.1.3.2), SIGMOID is an S curve (C.11.2.1.3.1), a table holds its ends.
 */
export function brightness(value: number, window: Window, curve: Curve, table: Table | null = null): number {
  const share = curve === 'table' && table !== null ? looked_up(value, table) : share_of(value, window, curve);
  return share <= 0 ? 0 : share >= 1 ? 255 : Math.round(share * 255);
}

function share_of(value: number, { center, width }: Window, curve: Curve): number {
  if (curve === 'sigmoid') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (curve === 'exact') return (value - center) / Math.max(width, Number.MIN_VALUE) + 0.5;
  if (width <= 1) return value > center - 0.5 ? 1 : 0;
  return (value - (center - 0.5)) / (width - 1) + 0.5;
}

function looked_up(value: number, { first, greatest, values }: Table): number {
  const at = Math.trunc(Math.min(Math.max(value - first, 0), values.length - 1));
  return (values[at] ?? 0) / greatest;
}

/**
 * How a frame is drawn under a window. The file's own curve stays while a person drags; its table stands for its own
 * window only; a window narrower than one value cannot count values.
 */
function curve_of(frame: Frame, window: Window): Curve {
  const { curve } = frame;
  if (curve === 'table') {
    const own = window.center === frame.window.center && window.width === frame.window.width;
    if (own) return 'table';
    return window.width < 1 ? 'exact' : 'linear';
  }
  return curve === 'linear' && window.width < 1 ? 'exact' : curve;
}

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
  const curve = curve_of(frame, window);
  const flip = frame.invert !== inverted;
  const mask = table.length - 1;
  const last = Math.floor(frame.max);
  for (let stored = Math.ceil(frame.min); stored <= last; stored += 1) {
    const level = brightness(stored * frame.slope + frame.intercept, window, curve, frame.table);
    table[stored & mask] = grey_pixel(flip ? 255 - level : level);
  }
  if (frame.padding === null) return;
  const [low, high] = frame.padding;
  const [lowest, highest] =
    frame.samples instanceof Int8Array
      ? [-128, 127]
      : frame.samples instanceof Int16Array
        ? [-32768, 32767]
        : [0, mask];
  for (let stored = Math.max(Math.ceil(low), lowest); stored <= Math.min(high, highest); stored += 1)
    table[stored & mask] = opaque >>> 0;
}

/** Brightness of a colour channel, 0..255: the window acts on it as on a grey, with 127.5 / 255 leaving it as it is. */
export function fill_channel_table(table: Uint8Array, window: Window, inverted: boolean): void {
  for (let stored = 0; stored < 256; stored += 1) {
    const level = brightness(stored, window, 'exact');
    table[stored] = inverted ? 255 - level : level;
  }
}

/** A pixel of a fractional sample; what is no part of the image is black whatever the window, it is no value. */
export function float_pixel(stored: number, frame: Frame, window: Window, inverted: boolean): number {
  if (is_nothing(frame, stored)) return opaque >>> 0;
  const value = stored * frame.slope + frame.intercept;
  const level = brightness(value, window, curve_of(frame, window), frame.table);
  return grey_pixel(frame.invert !== inverted ? 255 - level : level);
}
