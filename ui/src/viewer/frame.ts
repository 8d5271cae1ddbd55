/** One frame's samples as the program hands them over (OVF2, described in `workflow/src/pixels/bytes.rs`). */
export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Float32Array;
export type Window = { readonly center: number; readonly width: number };
/** How a window works: it counts whole values, it measures, it is an S curve, or a table stands for it. */
export type Curve = 'linear' | 'exact' | 'sigmoid' | 'table';
const curves: readonly Curve[] = ['linear', 'exact', 'sigmoid', 'table'];
/** A VOI LUT: the brightness of whole values from `first` on, up to `greatest`. */
export type Table = { readonly first: number; readonly greatest: number; readonly values: Uint16Array };
/** Lengths of runs, row by row: so many pixels without, so many with. */
export type Runs = Uint32Array;
export type Frame = {
  rows: number;
  cols: number;
  /** RGB, three samples a pixel */
  color: boolean;
  /** MONOCHROME1: low values are bright */
  invert: boolean;
  curve: Curve;
  /** modality value = slope * stored + intercept */
  slope: number;
  intercept: number;
  /** of the stored values, finite ones only */
  min: number;
  max: number;
  /** in modality values */
  window: Window;
  /** stored values from the first to the second are no part of the image */
  padding: readonly [number, number] | null;
  /** of the first window, where that is a table */
  table: Table | null;
  /** overlay planes of the file */
  overlay: Runs | null;
  /** what the file's shutter hides, and the grey of it */
  shutter: Runs | null;
  shutter_level: number;
  samples: Samples;
};

export const header_bytes = 96;
/** Beyond this a number stands for nothing, as in `domain::value`. */
const largest_value = 1e37;
/** Numbers that stand for nothing too: the list of `domain::value`, which names their sources. */
const fill_values = [9.969209968386869e36, 1e37, 1e36, 1e34, 1e30, 1e20];
export const is_value = (value: number): boolean => {
  const size = Math.abs(value);
  if (size < 9e19) return true;
  return size <= largest_value && !fill_values.some((fill) => size === fill || size === Math.fround(fill));
};

/** Whether a stored value is no part of the image. */
export function is_nothing(frame: Pick<Frame, 'padding' | 'slope' | 'intercept'>, stored: number): boolean {
  const { padding } = frame;
  if (padding !== null && stored >= padding[0] && stored <= padding[1]) return true;
  return !is_value(stored) || !is_value(stored * frame.slope + frame.intercept);
}

export function parse_frame(bytes: ArrayBuffer): Frame {
  if (bytes.byteLength < header_bytes)
    throw new Error(`a frame of ${bytes.byteLength} bytes is shorter than its header`);
  const view = new DataView(bytes);
  const magic = String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));
  if (magic !== 'OVF2') throw new Error('the bytes of a frame do not begin with OVF2');
  const per_pixel = view.getUint8(5);
  const rows = view.getUint32(8, true);
  const cols = view.getUint32(12, true);
  const samples = typed(bytes, view.getUint8(4), rows * cols * per_pixel);
  if (samples.length !== rows * cols * per_pixel) {
    throw new Error(`a frame of ${cols} x ${rows} pixels holds ${samples.length} samples`);
  }
  return {
    rows,
    cols,
    color: per_pixel === 3,
    invert: view.getUint8(6) === 1,
    curve: curves[view.getUint8(7)] ?? 'linear',
    slope: view.getFloat64(16, true),
    intercept: view.getFloat64(24, true),
    min: view.getFloat64(32, true),
    max: view.getFloat64(40, true),
    window: { center: view.getFloat64(48, true), width: view.getFloat64(56, true) },
    padding: padding_of(view),
    ...after(bytes, view, header_bytes + samples.byteLength),
    samples,
  };
}

function padding_of(view: DataView): [number, number] | null {
  const [low, high] = [view.getFloat64(64, true), view.getFloat64(72, true)];
  return Number.isNaN(low) ? null : [low, high];
}

/** What follows the samples: runs of overlays, runs of the shutter, a table. */
function after(
  bytes: ArrayBuffer,
  view: DataView,
  end: number,
): Pick<Frame, 'overlay' | 'shutter' | 'shutter_level' | 'table'> {
  const [overlays, shutters, entries] = [80, 84, 88].map((at) => view.getUint32(at, true)) as [number, number, number];
  const start = Math.ceil(end / 4) * 4;
  const shutter = start + 4 * overlays;
  const table = shutter + 4 * shutters;
  const needed = table + (entries > 0 ? 8 + 2 * entries : 0);
  if ((overlays > 0 || shutters > 0 || entries > 0) && bytes.byteLength < needed)
    throw new Error(`a frame of ${bytes.byteLength} bytes is shorter than what follows its samples`);
  return {
    overlay: overlays > 0 ? new Uint32Array(bytes, start, overlays) : null,
    shutter: shutters > 0 ? new Uint32Array(bytes, shutter, shutters) : null,
    shutter_level: view.getUint32(92, true),
    table:
      entries > 0
        ? {
            first: view.getInt32(table, true),
            greatest: view.getUint32(table + 4, true),
            values: new Uint16Array(bytes, table + 8, entries),
          }
        : null,
  };
}

function typed(bytes: ArrayBuffer, dtype: number, count: number): Samples {
  const kinds = [Uint8Array, Int8Array, Uint16Array, Int16Array, Float32Array] as const;
  const kind = kinds[dtype - 1];
  if (kind === undefined) throw new Error(`a frame names ${dtype} as the type of its samples`);
  const room = Math.floor((bytes.byteLength - header_bytes) / kind.BYTES_PER_ELEMENT);
  return new kind(bytes, header_bytes, Math.min(count, room));
}

export const frame_bytes = (frame: Frame): number => frame.samples.buffer.byteLength;

/** null outside the image. */
export function stored_value(frame: Frame, x: number, y: number): number | null {
  if (x < 0 || y < 0 || x >= frame.cols || y >= frame.rows || frame.color) return null;
  return frame.samples[y * frame.cols + x] ?? null;
}

export function modality_value(frame: Frame, x: number, y: number): number | null {
  const stored = stored_value(frame, x, y);
  if (stored === null) return null;
  return is_nothing(frame, stored) ? NaN : stored * frame.slope + frame.intercept;
}

export function color_value(frame: Frame, x: number, y: number): [number, number, number] | null {
  if (!frame.color || x < 0 || y < 0 || x >= frame.cols || y >= frame.rows) return null;
  const at = (y * frame.cols + x) * 3;
  return [frame.samples[at] ?? 0, frame.samples[at + 1] ?? 0, frame.samples[at + 2] ?? 0];
}
