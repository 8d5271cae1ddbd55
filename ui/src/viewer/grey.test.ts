import { describe, expect, it } from 'vitest';
import { parse_frame, type Frame, type Samples, type Window } from './frame';
import { brightness, fill_channel_table, fill_table, float_pixel, grey_pixel, table_size } from './grey';
import vectors from './grey_vectors.json';
import { frame_of } from './testing';

function greys(samples: Samples, part = {}, inverted = false, window = { center: 128, width: 256 }): number[] {
  const frame = frame_of(samples, samples.length, part);
  const table = new Uint32Array(table_size(samples));
  fill_table(table, frame, window, inverted);
  return [...samples].map((stored) => (table[stored & (table.length - 1)] ?? 0) & 255);
}

describe('from a value to a grey', () => {
  it('leaves 8-bit values as they are under their full window', () => {
    for (let value = 0; value < 256; value += 1)
      expect(brightness(value, { center: 128, width: 256 }, 'linear')).toBe(value);
  });

  it('follows DICOM for a window of 400 about 40', () => {
    const window = { center: 40, width: 400 };
    expect(brightness(-160, window, 'linear')).toBe(0);
    expect(brightness(239, window, 'linear')).toBe(255);
    expect(brightness(39.5, window, 'linear')).toBe(128);
    expect(brightness(5000, window, 'linear')).toBe(255);
  });

  it('is a threshold at a width of one', () => {
    expect(brightness(99, { center: 100, width: 1 }, 'linear')).toBe(0);
    expect(brightness(100, { center: 100, width: 1 }, 'linear')).toBe(255);
  });

  it('takes windows narrower than one value for a measure', () => {
    expect(brightness(0.5, { center: 0.5, width: 0.2 }, 'exact')).toBe(128);
    expect(brightness(0.41, { center: 0.5, width: 0.2 }, 'exact')).toBe(13);
    expect(greys(new Int16Array([-1, 0, 1]), {}, false, { center: 0, width: 0.5 })).toEqual([0, 128, 255]);
  });

  it('shows signed values, whose negative half is dark', () => {
    const shown = greys(new Int16Array([-1000, -500, 0, 500, 1000]), {}, false, { center: 0, width: 2000 });
    expect(shown[0]).toBe(0);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(shown[4]).toBe(255);
    expect(greys(new Int8Array([-128, 0, 127]), {}, false, { center: 0, width: 256 })).toEqual([0, 128, 255]);
  });

  it('turns MONOCHROME1 over once, and back when a person inverts it', () => {
    const samples = new Uint8Array([0, 100, 255]);
    expect(greys(samples, { invert: true })).toEqual([255, 155, 0]);
    expect(greys(samples, { invert: true }, true)).toEqual([0, 100, 255]);
    expect(greys(samples, {}, true)).toEqual([255, 155, 0]);
  });

  it('applies the modality scale before the window', () => {
    expect(
      greys(new Uint16Array([1024, 1064, 1424]), { slope: 1, intercept: -1024 }, false, { center: 40, width: 400 }),
    ).toEqual([102, 128, 255]);
  });

  it('reaches every 16-bit value', () => {
    expect(greys(new Uint16Array([0, 65535]), {}, false, { center: 32768, width: 65536 })).toEqual([0, 255]);
    expect(greys(new Int16Array([-32768, 32767]), {}, false, { center: 0, width: 65536 })).toEqual([0, 255]);
  });

  it('draws what is no number black, also inverted', () => {
    const frame = frame_of(new Float32Array([NaN, 0.25]), 2);
    const window = { center: 0.5, width: 1 };
    expect(float_pixel(NaN, frame, window, false)).toBe(0xff000000);
    expect(float_pixel(NaN, frame, window, true)).toBe(0xff000000);
    expect(float_pixel(0.25, frame, window, false)).toBe(grey_pixel(64));
    for (const none of [Infinity, -Infinity, 3e38]) expect(float_pixel(none, frame, window, false)).toBe(0xff000000);
  });

  it('draws padding black, also inverted, and no value beside it', () => {
    const samples = new Int16Array([-2000, -1500, -1499, 0, 100]);
    const window = { center: 0, width: 4000 };
    const part = { padding: [-2000, -1500] as const };
    expect(greys(samples, part, false, window)).toEqual([0, 0, 32, 128, 134]);
    expect(greys(samples, part, true, window)).toEqual([0, 0, 223, 127, 121]);
  });

  it('follows an S curve where the file names one, whatever its window is dragged to', () => {
    const window = { center: 100, width: 50 };
    expect(brightness(100, window, 'sigmoid')).toBe(128);
    expect(brightness(125, window, 'sigmoid')).toBe(225);
    expect(greys(new Uint8Array([100, 125]), { curve: 'sigmoid', window }, false, { center: 100, width: 100 })).toEqual(
      [128, 186],
    );
  });

  it('looks a table up under its own window, and counts values under any other', () => {
    const table = { first: 10, greatest: 4095, values: new Uint16Array([0, 4095, 2048]) };
    const window = { center: 11.5, width: 3 };
    const part = { curve: 'table', table, window } as const;
    const samples = new Uint8Array([0, 10, 11, 12, 255]);
    expect(greys(samples, part, false, window)).toEqual([0, 0, 255, 128, 128]);
    expect(greys(samples, part, false, { center: 12, width: 4 })).toEqual([0, 0, 85, 170, 255]);
  });

  it('leaves colours as they are under 127.5 / 255', () => {
    const table = new Uint8Array(256);
    fill_channel_table(table, { center: 127.5, width: 255 }, false);
    expect([...table]).toEqual(Array.from({ length: 256 }, (_, value) => value));
    fill_channel_table(table, { center: 127.5, width: 255 }, true);
    expect(table[0]).toBe(255);
  });
});

/** What the painter draws of each pixel; of a colour its brightness, as the report draws it. */
function drawn(frame: Frame, window: Window, inverted = false): number[] {
  const { samples } = frame;
  if (frame.color) {
    const table = new Uint8Array(256);
    fill_channel_table(table, window, inverted);
    const channel = (at: number): number => table[samples[at] ?? 0] ?? 0;
    return Array.from({ length: samples.length / 3 }, (_, at) =>
      Math.round(0.299 * channel(at * 3) + 0.587 * channel(at * 3 + 1) + 0.114 * channel(at * 3 + 2)),
    );
  }
  if (samples instanceof Float32Array)
    return [...samples].map((stored) => float_pixel(stored, frame, window, inverted) & 255);
  const table = new Uint32Array(table_size(samples));
  fill_table(table, frame, window, inverted);
  return [...samples].map((stored) => (table[stored & (table.length - 1)] ?? 0) & 255);
}

const from_hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));

describe('the screen and the report', () => {
  for (const { name, frame, report, under } of vectors.images) {
    it(`show the same greys: ${name}`, () => {
      const parsed = parse_frame(from_hex(frame).buffer);
      expect(drawn(parsed, parsed.window)).toEqual([...from_hex(report)]);
      // Under other windows, inverted too; colours have none of these.
      expect(under).toHaveLength(parsed.color ? 0 : 5);
      for (const { window, inverted, greys: wanted } of under)
        expect(drawn(parsed, window, inverted), JSON.stringify(window)).toEqual([...from_hex(wanted)]);
    });
  }
});
