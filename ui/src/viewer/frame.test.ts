import { describe, expect, it } from 'vitest';
import { color_value, header_bytes, is_nothing, is_value, modality_value, parse_frame, stored_value } from './frame';

function bytes(
  dtype: number,
  per_pixel: number,
  rows: number,
  cols: number,
  marks: [invert: number, curve: number],
  numbers: number[],
  body: ArrayBufferView,
  counts: number[] = [],
  after = new Uint8Array(0),
): ArrayBuffer {
  const buffer = new ArrayBuffer(header_bytes + body.byteLength + after.byteLength);
  const view = new DataView(buffer);
  [0x4f, 0x56, 0x46, 0x32, dtype, per_pixel, ...marks].forEach((byte, at) => view.setUint8(at, byte));
  view.setUint32(8, rows, true);
  view.setUint32(12, cols, true);
  numbers.forEach((number, at) => view.setFloat64(16 + at * 8, number, true));
  new Uint8Array(buffer, header_bytes).set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  counts.forEach((count, at) => view.setUint32(80 + at * 4, count, true));
  new Uint8Array(buffer, header_bytes + body.byteLength).set(after);
  return buffer;
}

describe('a frame as the program hands it over', () => {
  it('is read with its signed values, its scale and its window', () => {
    const frame = parse_frame(
      bytes(4, 1, 2, 3, [1, 0], [2, -1000, -5, 7, 40, 400, NaN, NaN], new Int16Array([-5, 0, 1, 2, 3, 7])),
    );
    expect(frame).toMatchObject({
      rows: 2,
      cols: 3,
      color: false,
      invert: true,
      curve: 'linear',
      slope: 2,
      intercept: -1000,
      min: -5,
      max: 7,
      window: { center: 40, width: 400 },
      padding: null,
      table: null,
    });
    expect(stored_value(frame, 0, 0)).toBe(-5);
    expect(modality_value(frame, 2, 1)).toBe(-986);
    expect(modality_value(frame, 3, 0)).toBeNull();
  });

  it('is read in colour, where a pixel has no one value', () => {
    const frame = parse_frame(
      bytes(1, 3, 1, 2, [0, 1], [1, 0, 0, 255, 127.5, 255], new Uint8Array([1, 2, 3, 4, 5, 6])),
    );
    expect(color_value(frame, 1, 0)).toEqual([4, 5, 6]);
    expect(modality_value(frame, 1, 0)).toBeNull();
  });

  it('keeps what is no number', () => {
    const frame = parse_frame(bytes(5, 1, 1, 2, [0, 1], [1, 0, 1, 1, 1, 1], new Float32Array([NaN, 1])));
    expect(stored_value(frame, 0, 0)).toBeNaN();
  });

  it('has no value where a number is known to stand for nothing', () => {
    const fills = [9.969209968386869e36, 9.96921e36, 1e37, 1e36, 1e34, 1e30, 1e20, 3.4028235e38, Infinity, NaN];
    for (const fill of fills) {
      const single = Math.fround(fill);
      expect(is_value(single) || is_value(-single), String(fill)).toBe(false);
      expect(is_nothing({ padding: null, slope: 0.5, intercept: 7 }, single)).toBe(true);
    }
    for (const value of [0, -1024, 1e19, 9.99e29, 1e33, -9e36]) expect(is_value(value), String(value)).toBe(true);
  });

  it('is read with its padding and what lies over it', () => {
    const numbers = [1, 0, 0, 9, 5, 2, 250, 255];
    // Two bytes up to a multiple of four, runs of an overlay and of a shutter, a table of two entries from -1 on.
    const after = new Uint8Array(2 + 8 + 4 + 8 + 4);
    const view = new DataView(after.buffer);
    [1, 1, 2, -1, 4095].forEach((word, at) => view.setInt32(2 + at * 4, word, true));
    [7, 4095].forEach((entry, at) => view.setUint16(22 + at * 2, entry, true));
    const samples = new Uint8Array([250, 255]);
    const frame = parse_frame(bytes(1, 1, 1, 2, [0, 3], numbers, samples, [2, 1, 2, 128], after));
    expect(frame.padding).toEqual([250, 255]);
    expect(modality_value(frame, 0, 0)).toBeNaN();
    expect([...(frame.overlay ?? [])]).toEqual([1, 1]);
    expect([...(frame.shutter ?? []), frame.shutter_level]).toEqual([2, 128]);
    expect(frame.table).toEqual({ first: -1, greatest: 4095, values: new Uint16Array([7, 4095]) });
    expect(() => parse_frame(bytes(1, 1, 1, 2, [0, 3], numbers, samples, [9], after))).toThrow('shorter');
  });

  it('is refused where its size does not fit its samples, or its kind is unknown', () => {
    expect(() => parse_frame(bytes(1, 1, 2, 2, [0, 0], [1, 0, 0, 0, 0, 1], new Uint8Array(3)))).toThrow('2 x 2');
    expect(() => parse_frame(bytes(9, 1, 1, 1, [0, 0], [1, 0, 0, 0, 0, 1], new Uint8Array(1)))).toThrow('9');
    expect(() => parse_frame(new ArrayBuffer(10))).toThrow('10 bytes');
    expect(() => parse_frame(new ArrayBuffer(100))).toThrow('OVF2');
  });
});
