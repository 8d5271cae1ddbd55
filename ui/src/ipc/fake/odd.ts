/** `?odd`: the first study holds one series for each odd kind of picture, so that each can be seen to display. */
import type { SeriesWire, SliceWire } from '../generated/wire';
import type { Host } from '../generated/host';
import { place_of } from './detail';
import { header_bytes } from './pixels';
import { index_of } from './studies';
import { summary_of } from './summary';

type Odd = {
  name: string;
  rows: number;
  cols: number;
  dtype: 1 | 2 | 3 | 4 | 5;
  value: (x: number, y: number, frame: number) => number;
  window: [center: number, width: number];
  part?: Partial<SliceWire>;
  frames?: number;
  photometric_interpretation?: string;
  invert?: boolean;
  slope?: number;
  intercept?: number;
};

const ramp = (x: number): number => x;

export const odds: readonly Odd[] = [
  { name: 'one pixel', rows: 1, cols: 1, dtype: 3, value: () => 3000, window: [2000, 4000] },
  { name: 'one column', rows: 20000, cols: 1, dtype: 3, value: (_, y) => 1000 + (y % 3000), window: [2000, 4000] },
  { name: 'one row', rows: 1, cols: 20000, dtype: 3, value: (x) => 1000 + (x % 3000), window: [2000, 4000] },
  {
    name: 'signed',
    rows: 256,
    cols: 256,
    dtype: 4,
    value: (x) => x * 8 - 1024,
    window: [0, 2048],
    part: { unit: 'HU' },
  },
  { name: 'signed bytes', rows: 256, cols: 256, dtype: 2, value: (x) => x - 128, window: [0, 256] },
  {
    name: 'fractions',
    rows: 256,
    cols: 256,
    dtype: 5,
    value: (x, y) => (x < 32 && y < 32 ? NaN : x / 256),
    window: [0.5, 1],
    slope: 0.5,
  },
  {
    name: 'inverted',
    rows: 256,
    cols: 256,
    dtype: 1,
    value: ramp,
    window: [128, 256],
    invert: true,
    photometric_interpretation: 'MONOCHROME1',
  },
  {
    name: 'many frames',
    rows: 128,
    cols: 128,
    dtype: 1,
    value: (_x, _y, frame) => 20 + frame * 20,
    window: [128, 256],
    frames: 8,
  },
  {
    name: 'tall pixels',
    rows: 100,
    cols: 200,
    dtype: 1,
    value: ramp,
    window: [128, 256],
    part: { pixel_spacing_mm: [2, 1] },
  },
  {
    name: 'edge',
    rows: 64,
    cols: 64,
    dtype: 1,
    value: (x, y) => (x < 32 ? 0 : y < 16 ? 100 : 255),
    window: [128, 256],
  },
  {
    name: 'huge',
    rows: 3000,
    cols: 4000,
    dtype: 3,
    value: (x, y) => (((x >> 6) + (y >> 6)) % 2 === 0 ? 1000 : 3000),
    window: [2000, 4000],
  },
];
const bytes_of = { 1: 1, 2: 1, 3: 2, 4: 2, 5: 4 } as const;
const first_number = 101;

function series(study: string, uid_of_series: (at: number) => string): SeriesWire[] {
  return odds.map((odd, at) => ({
    series_instance_uid: uid_of_series(at),
    modality: 'OT',
    number: first_number + at,
    description: odd.name,
    protocol_name: null,
    body_part_examined: null,
    view_position: null,
    manufacturer: null,
    instances: [
      {
        burned_in_annotation: null,
        transfer_syntax_uid: null,
        sop_instance_uid: `${study}.${first_number + at}.1`,
        number: 1,
        file_name: `${odd.name}.dcm`,
        format: 'dicom',
        bytes: 1000,
        content_sha256: '',
        imported_at: Date.UTC(2026, 10, 24, 9),
        imported_by: 'admin',
        frames: odd.frames ?? 1,
        no_picture: null,
        notes: [],
        rows: odd.rows,
        cols: odd.cols,
        samples: 1,
        photometric_interpretation: odd.photometric_interpretation ?? 'MONOCHROME2',
        bits_stored: 16,
        bits_allocated: 16,
        rescale: { slope: odd.slope ?? 1, intercept: odd.intercept ?? 0 },
        windows: [{ center: odd.window[0], width: odd.window[1] }],
        pixel_spacing_mm: null,
        position_mm: null,
        orientation: null,
        frame_of_reference_uid: null,
        slice_thickness_mm: null,
        lossy: false,
        sop_class_uid: null,
      },
    ],
    slices: Array.from({ length: odd.frames ?? 1 }, (_, frame) => ({
      sop_instance_uid: `${study}.${first_number + at}.1`,
      frame,
      name: frame + 1,
      unit: null,
      windows: [{ center: odd.window[0], width: odd.window[1], function: null, name: null }],
      pixel_spacing_mm: null,
      pixel_spacing_basis: null,
      pixel_aspect: null,
      regions: [],
      laterality: null,
      position_mm: null,
      orientation: null,
      sides: null,
      slice_thickness_mm: null,
      ...odd.part,
    })),
  }));
}

function frame(odd: Odd, number: number): ArrayBuffer {
  const size = bytes_of[odd.dtype];
  const buffer = new ArrayBuffer(header_bytes + odd.rows * odd.cols * size);
  const view = new DataView(buffer);
  [0x4f, 0x56, 0x46, 0x32, odd.dtype, 1, odd.invert === true ? 1 : 0, odd.dtype === 5 ? 1 : 0].forEach((byte, at) =>
    view.setUint8(at, byte),
  );
  view.setUint32(8, odd.rows, true);
  view.setUint32(12, odd.cols, true);
  const kinds = { 1: Uint8Array, 2: Int8Array, 3: Uint16Array, 4: Int16Array, 5: Float32Array } as const;
  const out = new kinds[odd.dtype](buffer, header_bytes);
  let min = Infinity;
  let max = -Infinity;
  for (let at = 0; at < out.length; at += 1) {
    const value = odd.value(at % odd.cols, Math.floor(at / odd.cols), number);
    out[at] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  [odd.slope ?? 1, odd.intercept ?? 0, min, max, ...odd.window].forEach((value, at) =>
    view.setFloat64(16 + at * 8, value, true),
  );
  [64, 72].forEach((at) => view.setFloat64(at, NaN, true));
  return buffer;
}

export function with_odd_pictures(host: Host): Host {
  const is_odd = (uid: string): boolean => index_of(uid) === 0;
  const odd_of = (sop: string): Odd | undefined => odds[place_of(sop).series - first_number];
  const dressed = async (uid: string, whole: ReturnType<Host['open_study']>): ReturnType<Host['open_study']> => {
    const detail = await whole;
    return is_odd(uid)
      ? {
          ...detail,
          series: series(uid, (at) => `${uid}.${first_number + at}`),
          analyses: [],
          summary: summary_of([]),
          lesions: [],
          state: 'new',
        }
      : detail;
  };
  return {
    ...host,
    open_study: (uid) => dressed(uid, host.open_study(uid)),
    read_ahead: async (uid) => (await dressed(uid, host.refresh_study(uid))).series,
    refresh_study: (uid) => dressed(uid, host.refresh_study(uid)),
    frame: async (sop, number) => {
      const odd = odd_of(sop);
      return odd === undefined ? host.frame(sop, number) : frame(odd, number);
    },
  };
}
