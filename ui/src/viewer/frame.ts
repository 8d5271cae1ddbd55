/** One frame's samples as the program hands them over (OVF1: 64-byte header, then samples, little endian). */
export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Float32Array;
export type Window = { readonly center: number; readonly width: number };
export type Frame = {
  rows: number;
  cols: number;
  /** RGB, three samples a pixel */
  color: boolean;
  /** MONOCHROME1: low values are bright */
  invert: boolean;
  /** the window measures (LINEAR_EXACT); else it counts whole values (LINEAR) */
  exact: boolean;
  /** modality value = slope * stored + intercept */
  slope: number;
  intercept: number;
  /** of the stored values, finite ones only */
  min: number;
  max: number;
  /** in modality values */
  window: Window;
  samples: Samples;
};

const header_bytes = 64;

export function parse_frame(bytes: ArrayBuffer): Frame {
  if (bytes.byteLength < header_bytes)
    throw new Error(`a frame of ${bytes.byteLength} bytes is shorter than its header`);
  const view = new DataView(bytes);
  const magic = String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));
  if (magic !== 'OVF1') throw new Error('the bytes of a frame do not begin with OVF1');
  const per_pixel = view.getUint8(5);
  const rows = view.getUint32(8, true);
  const cols = view.getUint32(12, true);
  const samples = typed(bytes, view.getUint8(4));
  if (samples.length !== rows * cols * per_pixel) {
    throw new Error(`a frame of ${cols} x ${rows} pixels holds ${samples.length} samples`);
  }
  return {
    rows,
    cols,
    color: per_pixel === 3,
    invert: view.getUint8(6) === 1,
    exact: view.getUint8(7) === 1,
    slope: view.getFloat64(16, true),
    intercept: view.getFloat64(24, true),
    min: view.getFloat64(32, true),
    max: view.getFloat64(40, true),
    window: { center: view.getFloat64(48, true), width: view.getFloat64(56, true) },
    samples,
  };
}

function typed(bytes: ArrayBuffer, dtype: number): Samples {
  switch (dtype) {
    case 1:
      return new Uint8Array(bytes, header_bytes);
    case 2:
      return new Int8Array(bytes, header_bytes);
    case 3:
      return new Uint16Array(bytes, header_bytes);
    case 4:
      return new Int16Array(bytes, header_bytes);
    case 5:
      return new Float32Array(bytes, header_bytes);
    default:
      throw new Error(`a frame names ${dtype} as the type of its samples`);
  }
}

export const frame_bytes = (frame: Frame): number => frame.samples.buffer.byteLength;

/** null outside the picture. */
export function stored_value(frame: Frame, x: number, y: number): number | null {
  if (x < 0 || y < 0 || x >= frame.cols || y >= frame.rows || frame.color) return null;
  return frame.samples[y * frame.cols + x] ?? null;
}

export function modality_value(frame: Frame, x: number, y: number): number | null {
  const stored = stored_value(frame, x, y);
  return stored === null ? null : stored * frame.slope + frame.intercept;
}

export function color_value(frame: Frame, x: number, y: number): [number, number, number] | null {
  if (!frame.color || x < 0 || y < 0 || x >= frame.cols || y >= frame.rows) return null;
  const at = (y * frame.cols + x) * 3;
  return [frame.samples[at] ?? 0, frame.samples[at + 1] ?? 0, frame.samples[at + 2] ?? 0];
}
