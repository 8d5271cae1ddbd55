/** Synthetic images in the contract's byte formats: frames (OVF2), maps (OVM1), thumbnails (PNG). */
import { random } from './random';

export const header_bytes = 96;

export type Lesion = { x: number; y: number; r: number };
export type Shape = 'ct' | 'mr' | 'xray' | 'photo';
export const size_of: Record<Shape, { rows: number; cols: number }> = {
  ct: { rows: 512, cols: 512 },
  mr: { rows: 256, cols: 256 },
  xray: { rows: 1024, cols: 1024 },
  photo: { rows: 480, cols: 640 },
};

export function shape_of(modality: string): Shape {
  if (modality === 'CT') return 'ct';
  if (modality === 'MR') return 'mr';
  return modality === 'XC' ? 'photo' : 'xray';
}

/** Where the lesion of a study lies on slice `z` of `depth`, in pixels; null where the slice does not cut it. */
export function lesion(seed: number, shape: Shape, z: number, depth: number): Lesion | null {
  const from = random(seed + 17);
  const { rows, cols } = size_of[shape];
  const middle = depth < 5 ? 0 : Math.floor(depth * (0.35 + from.next() * 0.3));
  const half = depth < 5 ? 0 : 4;
  const off = Math.abs(z - middle);
  const x = cols * (0.36 + from.next() * 0.28);
  const y = rows * (0.36 + from.next() * 0.28);
  const full = Math.min(rows, cols) * (0.03 + from.next() * 0.03);
  if (off > half) return null;
  return { x, y, r: full * Math.sqrt(1 - (off / (half + 1)) ** 2) };
}

function tissue(shape: Shape, x: number, y: number, z: number, depth: number, grain: number): number {
  const { rows, cols } = size_of[shape];
  const level = depth > 4 ? Math.sin(((z + 1) / (depth + 1)) * Math.PI) : 1;
  const dx = (x - cols / 2) / (cols * 0.42 * (0.45 + 0.55 * level));
  const dy = (y - rows / 2) / (rows * 0.46 * (0.45 + 0.55 * level));
  const d = dx * dx + dy * dy;
  if (d > 1) return 0;
  if (d > 0.86) return 0.95;
  if (shape === 'mr' || shape === 'ct') {
    const ventricle = ((Math.abs(dx) - 0.16) / 0.1) ** 2 + (dy / 0.34) ** 2 < 1;
    const folds = 0.06 * Math.sin(dx * 19 + 3 * Math.sin(dy * 11)) * Math.cos(dy * 17 + z * 0.2);
    return (ventricle ? 0.16 : 0.42 + folds) + grain * 0.03;
  }
  const lung = ((Math.abs(dx) - 0.42) / 0.3) ** 2 + ((dy + 0.05) / 0.62) ** 2 < 1;
  const rib = 0.1 * Math.max(0, Math.sin(dy * 34 + Math.abs(dx) * 4));
  return (lung ? 0.25 : 0.62) + rib + grain * 0.02;
}

function header(
  dtype: number,
  samples: number,
  rows: number,
  cols: number,
  numbers: readonly number[],
  bytes: number,
): ArrayBuffer {
  const buffer = new ArrayBuffer(header_bytes + rows * cols * samples * bytes);
  const view = new DataView(buffer);
  [0x4f, 0x56, 0x46, 0x32, dtype, samples, 0, 0].forEach((byte, at) => view.setUint8(at, byte));
  view.setUint32(8, rows, true);
  view.setUint32(12, cols, true);
  numbers.forEach((number, at) => view.setFloat64(16 + at * 8, number, true));
  [64, 72].forEach((at) => view.setFloat64(at, NaN, true));
  return buffer;
}

export function frame(seed: number, shape: Shape, z: number, depth: number): ArrayBuffer {
  const { rows, cols } = size_of[shape];
  const spot = lesion(seed, shape, z, depth);
  const from = random(seed * 31 + z);
  const value = (x: number, y: number): number => {
    const base = tissue(shape, x, y, z, depth, from.next() - 0.5);
    if (spot === null || base === 0) return base;
    const near = Math.hypot(x - spot.x, y - spot.y) / spot.r;
    return near < 1 ? Math.min(1, base + 0.35 * (1 - near * near)) : base;
  };
  if (shape === 'photo') {
    const buffer = header(1, 3, rows, cols, [1, 0, 0, 255, 127.5, 255], 1);
    const out = new Uint8Array(buffer, header_bytes);
    for (let at = 0; at < rows * cols; at += 1) {
      const level = value(at % cols, Math.floor(at / cols));
      const dark = spot !== null && Math.hypot((at % cols) - spot.x, Math.floor(at / cols) - spot.y) < spot.r;
      out[at * 3] = 120 + level * 100 - (dark ? 90 : 0);
      out[at * 3 + 1] = 80 + level * 80 - (dark ? 70 : 0);
      out[at * 3 + 2] = 60 + level * 70 - (dark ? 50 : 0);
    }
    return buffer;
  }
  const ct = shape === 'ct';
  const low = ct ? 24 : 0;
  const high = ct ? 2200 : 4095;
  const buffer = header(3, 1, rows, cols, ct ? [1, -1024, low, high, 40, 400] : [1, 0, low, high, 1500, 3000], 2);
  const out = new Uint16Array(buffer, header_bytes);
  for (let at = 0; at < rows * cols; at += 1) {
    const level = value(at % cols, Math.floor(at / cols));
    out[at] = Math.round(ct ? (level === 0 ? low : 964 + (level - 0.4) * 500) : level * 3600);
  }
  return buffer;
}

export function anomaly_map(seed: number, shape: Shape, z: number, depth: number): ArrayBuffer {
  const { rows, cols } = size_of[shape];
  const buffer = new ArrayBuffer(12 + rows * cols * 2);
  const view = new DataView(buffer);
  [0x4f, 0x56, 0x4d, 0x31].forEach((byte, at) => view.setUint8(at, byte));
  view.setUint32(4, rows, true);
  view.setUint32(8, cols, true);
  const spot = lesion(seed, shape, z, depth);
  if (spot === null) return buffer;
  const out = new Uint16Array(buffer, 12);
  for (let at = 0; at < out.length; at += 1) {
    const near = Math.hypot((at % cols) - spot.x, Math.floor(at / cols) - spot.y) / spot.r;
    out[at] = Math.round(65535 * 0.95 * Math.exp(-near * near * 0.9));
  }
  return buffer;
}

/** A circle with as many corners as a pixel outline has about. */
export function outline(spot: Lesion): [number, number][] {
  return Array.from({ length: 40 }, (_, i) => {
    const angle = (i / 40) * 2 * Math.PI;
    return [Math.round(spot.x + spot.r * Math.cos(angle)), Math.round(spot.y + spot.r * Math.sin(angle))];
  });
}

/** A small grey image of the study's middle slice. */
export function thumbnail(seed: number, shape: Shape, z: number, depth: number): ArrayBuffer {
  const side = 64;
  const { rows, cols } = size_of[shape];
  const grey = new Uint8Array(side * side);
  const spot = lesion(seed, shape, z, depth);
  for (let at = 0; at < grey.length; at += 1) {
    const x = ((at % side) / side) * cols;
    const y = (Math.floor(at / side) / side) * rows;
    const lit = spot !== null && Math.hypot(x - spot.x, y - spot.y) < spot.r ? 0.3 : 0;
    grey[at] = Math.min(255, (tissue(shape, x, y, z, depth, 0) + lit) * 220);
  }
  return png(grey, side, side);
}

/** An 8-bit grey PNG with stored (not compressed) rows. */
export function png(grey: Uint8Array, cols: number, rows: number): ArrayBuffer {
  const raw = new Uint8Array(rows * (cols + 1));
  for (let y = 0; y < rows; y += 1) raw.set(grey.subarray(y * cols, (y + 1) * cols), y * (cols + 1) + 1);
  const stored = new Uint8Array(raw.length + 11);
  stored.set([0x78, 0x01, 1, raw.length & 255, raw.length >> 8, ~raw.length & 255, (~raw.length >> 8) & 255]);
  stored.set(raw, 7);
  let a = 1;
  let b = 0;
  for (const byte of raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  stored.set([b >> 8, b & 255, a >> 8, a & 255], raw.length + 7);
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, cols);
  view.setUint32(4, rows);
  head.set([8, 0, 0, 0, 0], 8);
  const parts = [
    new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', stored),
    chunk('IEND', new Uint8Array()),
  ];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out.buffer;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i += 1) out[4 + i] = name.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc(out.subarray(4, 8 + data.length)));
  return out;
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}
