import { describe, expect, it } from 'vitest';
import { color_value, modality_value, parse_frame, stored_value } from './frame';

function bytes(
  dtype: number,
  per_pixel: number,
  rows: number,
  cols: number,
  marks: [invert: number, exact: number],
  numbers: number[],
  body: ArrayBufferView,
): ArrayBuffer {
  const buffer = new ArrayBuffer(64 + body.byteLength);
  const view = new DataView(buffer);
  [0x4f, 0x56, 0x46, 0x31, dtype, per_pixel, ...marks].forEach((byte, at) => view.setUint8(at, byte));
  view.setUint32(8, rows, true);
  view.setUint32(12, cols, true);
  numbers.forEach((number, at) => view.setFloat64(16 + at * 8, number, true));
  new Uint8Array(buffer, 64).set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  return buffer;
}

describe('a frame as the program hands it over', () => {
  it('is read with its signed values, its scale and its window', () => {
    const frame = parse_frame(
      bytes(4, 1, 2, 3, [1, 0], [2, -1000, -5, 7, 40, 400], new Int16Array([-5, 0, 1, 2, 3, 7])),
    );
    expect(frame).toMatchObject({
      rows: 2,
      cols: 3,
      color: false,
      invert: true,
      exact: false,
      slope: 2,
      intercept: -1000,
      min: -5,
      max: 7,
      window: { center: 40, width: 400 },
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

  it('is refused where its size does not fit its samples, or its kind is unknown', () => {
    expect(() => parse_frame(bytes(1, 1, 2, 2, [0, 0], [1, 0, 0, 0, 0, 1], new Uint8Array(3)))).toThrow('2 x 2');
    expect(() => parse_frame(bytes(9, 1, 1, 1, [0, 0], [1, 0, 0, 0, 0, 1], new Uint8Array(1)))).toThrow('9');
    expect(() => parse_frame(new ArrayBuffer(10))).toThrow('10 bytes');
    expect(() => parse_frame(new ArrayBuffer(80))).toThrow('OVF1');
  });
});
