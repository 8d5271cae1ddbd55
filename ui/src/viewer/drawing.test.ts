import { describe, expect, it } from 'vitest';
import { map_scale } from '../ipc/generated/map_scale';
import { block_pixels, floor, legend_stops, map_bytes, map_color, map_value, parse_map } from './anomaly_map';
import { seen_box, thickened } from './painter';
import { reduced, reduction } from './reduce';
import { scale_bar } from './scale_bar';
import { frame_of } from './testing';
import { apply, matrix, whole } from './view';
import { dragged_window, full_window, pace_of, presets, window_step } from './window';

describe('a picture shown smaller than it is', () => {
  it('is reduced by powers of two, and never below what is drawn', () => {
    expect([2, 1, 0.6, 0.5, 0.3, 0.25, 0.045].map(reduction)).toEqual([1, 1, 1, 2, 2, 4, 16]);
  });
  it('shows the mean of each block', () => {
    const copy = reduced(frame_of(new Uint16Array([0, 4, 10, 2, 6, 20, 8, 8, 30]), 3), 2, 2);
    expect([copy.cols, copy.rows]).toEqual([2, 2]);
    expect([...copy.samples]).toEqual([3, 15, 8, 30]);
  });
  it('keeps colours apart and lets a value that is no number not spoil its block', () => {
    expect([
      ...reduced(frame_of(new Uint8Array([0, 100, 200, 10, 110, 210]), 2, { color: true }), 2, 1).samples,
    ]).toEqual([5, 105, 205]);
    expect([...reduced(frame_of(new Float32Array([NaN, 3]), 2), 2, 1).samples]).toEqual([3]);
    expect([...reduced(frame_of(new Float32Array([NaN, NaN, 1]), 3), 2, 1).samples]).toEqual([NaN, 1]);
  });
});

describe('what is drawn', () => {
  const whole_copy = { rows: 200, cols: 400, across: 1, down: 1 };
  it('is the part that shows', () => {
    expect(
      seen_box(
        whole_copy,
        matrix(whole, { rows: 200, cols: 400, spacing: null }, { width: 400, height: 200 }),
        400,
        200,
      ),
    ).toEqual({ left: 0, top: 0, width: 400, height: 200 });
    const near = matrix({ ...whole, zoom: 10 }, { rows: 200, cols: 400, spacing: null }, { width: 400, height: 200 });
    expect(seen_box(whole_copy, near, 400, 200)).toEqual({ left: 179, top: 89, width: 42, height: 22 });
    expect(seen_box(whole_copy, [1, 0, 0, 1, 5000, 0], 400, 200)).toBeNull();
  });
  it('is wide enough to be seen where it is a line', () => {
    const extent = { rows: 20000, cols: 1, spacing: null };
    const m = thickened(matrix(whole, extent, { width: 800, height: 600 }), extent);
    const [left] = apply(m, [0, 0]);
    const [right] = apply(m, [1, 0]);
    expect(right - left).toBeCloseTo(1.5, 9);
    expect((left + right) / 2).toBeCloseTo(400, 9);
    const square = { rows: 10, cols: 10, spacing: null };
    const plain = matrix(whole, square, { width: 800, height: 600 });
    expect(thickened(plain, square)).toBe(plain);
  });
});

describe('the scale bar', () => {
  it('is the longest round length that fits', () => {
    expect(scale_bar(2, true, 220)).toEqual({ length: 200, value: 10, unit: 'cm' });
    expect(scale_bar(3, true, 200)).toEqual({ length: 150, value: 5, unit: 'cm' });
    expect(scale_bar(50, true, 220)).toEqual({ length: 100, value: 2, unit: 'mm' });
    expect(scale_bar(10, true, 100)).toEqual({ length: 100, value: 1, unit: 'cm' });
  });
  it('counts pixels where there is no spacing, and is left out where it makes no sense', () => {
    expect(scale_bar(1, false, 120)).toEqual({ length: 100, value: 100, unit: 'px' });
    expect(scale_bar(500, false, 100)).toBeNull();
    expect(scale_bar(0, true, 100)).toBeNull();
  });
});

describe('windows', () => {
  const frame = frame_of(new Uint16Array([0, 4095]), 2);
  it('grow wider to the right and brighter upward', () => {
    expect(dragged_window({ center: 100, width: 200 }, 10, 0, 2, false)).toEqual({ center: 100, width: 220 });
    expect(dragged_window({ center: 100, width: 200 }, 0, 10, 2, false).center).toBe(80);
    expect(dragged_window({ center: 100, width: 200 }, 0, 10, 2, true).center).toBe(120);
    expect(dragged_window({ center: 100, width: 20 }, -500, 0, 1, false).width).toBe(1);
  });
  it('move by what the values span, coarser with Ctrl and finer with Shift', () => {
    expect(window_step(frame, 'plain')).toBeCloseTo(4, 1);
    expect(window_step(frame, 'coarse') / window_step(frame, 'fine')).toBe(16);
    expect(window_step(frame_of(new Float32Array([0, 1]), 2), 'plain')).toBeCloseTo(1 / 1024, 9);
    expect(pace_of({ ctrlKey: true, shiftKey: true })).toBe('coarse');
  });
  it('are nine, fixed for CT and relative for what has no unit', () => {
    expect(presets('CT', frame, frame.window)[4]).toEqual({ id: 'lung', window: { center: -600, width: 1500 } });
    const mr = presets('MR', frame, { center: 1000, width: 2000 });
    expect(mr).toHaveLength(9);
    expect(mr[0]?.window).toEqual({ center: 2047.5, width: 4095 });
    expect(mr[1]?.window).toEqual({ center: 1000, width: 1000 });
    expect(full_window(frame_of(new Uint8Array([7]), 1)).width).toBeGreaterThan(0);
  });
});

describe('an anomaly map', () => {
  const bytes = (rows: number, cols: number, set: readonly [number, number][]): ArrayBuffer => {
    const buffer = new ArrayBuffer(12 + rows * cols * 2);
    const view = new DataView(buffer);
    [0x4f, 0x56, 0x4d, 0x31].forEach((byte, at) => view.setUint8(at, byte));
    view.setUint32(4, rows, true);
    view.setUint32(8, cols, true);
    for (const [at, value] of set) view.setUint16(12 + at * 2, value, true);
    return buffer;
  };

  it('keeps only the blocks that say something', () => {
    const quiet = parse_map(bytes(512, 512, [[0, 9000]]));
    expect(quiet.blocks).toHaveLength(0);
    expect(quiet.max).toBeCloseTo(9000 / 65535, 6);
    const one = parse_map(bytes(512, 500, [[300 * 500 + 499, 65535]]));
    expect(one.blocks).toHaveLength(1);
    expect(map_value(one, 499, 300)).toBe(1);
    expect(map_value(one, 0, 0)).toBe(0);
    expect(map_bytes(one)).toBeLessThan(10_000);
  });

  it('has a legend of its own colours, from the floor on', () => {
    const stops = legend_stops();
    expect(stops.map(({ share }) => share).slice(0, 2)).toEqual([0, 1 / 16]);
    expect(stops[0]?.colour).toEqual(map_color(map_scale.first_drawn).slice(0, 3));
    expect(stops.at(-1)?.colour).toEqual(map_color(65535).slice(0, 3));
    for (const { share, colour } of stops)
      expect(colour).toEqual(map_color(Math.ceil((floor + share * (1 - floor)) * 65535)).slice(0, 3));
  });

  it('has one scale: the same value has the same colour on every picture, and nothing below the floor', () => {
    expect(floor * 65535).toBeCloseTo(map_scale.first_drawn, 6);
    expect(map_color(map_scale.first_drawn - 1)[3]).toBe(0);
    expect(map_color(map_scale.first_drawn)[3]).toBe(255);
    const light = [0.2, 0.4, 0.6, 0.8, 1].map((value) =>
      map_color(value * 65535)
        .slice(0, 3)
        .reduce((sum, part) => sum + part, 0),
    );
    expect(light).toEqual([...light].sort((a, b) => a - b));
    const faint = parse_map(bytes(1, 64, [[3, 20000]]));
    const strong = parse_map(
      bytes(1, 64, [
        [3, 20000],
        [9, 65535],
      ]),
    );
    const pixels = [faint, strong].map((map) => {
      const out = new Uint32Array(64);
      const [block] = map.blocks;
      if (block !== undefined) block_pixels(block, out);
      return out;
    });
    expect(pixels[0]?.[3]).toBe(pixels[1]?.[3]);
    expect(pixels[0]?.[0]).toBe(0);
    // What is drawn is what the legend shows, at every value.
    const every = Uint16Array.from({ length: 65536 }, (_, at) => at);
    const drawn = new Uint32Array(65536);
    block_pixels({ x: 0, y: 0, width: 256, height: 256, values: every }, drawn);
    const bytes_of = new Uint8Array(drawn.buffer);
    for (let value = 0; value < 65536; value += 17)
      expect([...bytes_of.subarray(value * 4, value * 4 + 4)]).toEqual([...map_color(value)]);
  });

  it('is refused where its size does not fit', () => {
    expect(() => parse_map(bytes(2, 2, []).slice(0, 14))).toThrow('2 x 2');
    expect(() => parse_map(new ArrayBuffer(4))).toThrow('OVM1');
  });
});
