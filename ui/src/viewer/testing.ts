/** Small frames and series for the tests of the viewer's arithmetic. */
import type { InstanceWire, SeriesWire, SliceWire } from '../ipc';
import type { Frame, Samples } from './frame';
import { stack_of, type Stack } from './stack';

export function frame_of(samples: Samples, cols: number, part: Partial<Frame> = {}): Frame {
  const finite = [...samples].filter((value) => Number.isFinite(value));
  const color = part.color ?? false;
  return {
    rows: samples.length / cols / (color ? 3 : 1),
    cols,
    color,
    invert: false,
    curve: samples instanceof Float32Array || color ? 'exact' : 'linear',
    slope: 1,
    intercept: 0,
    min: Math.min(...finite),
    max: Math.max(...finite),
    window: { center: 128, width: 256 },
    padding: null,
    table: null,
    overlay: null,
    shutter: null,
    shutter_level: 0,
    samples,
    ...part,
  };
}

export function instance_of(part: Partial<InstanceWire> = {}): InstanceWire {
  return {
    sop_instance_uid: '1.2.3.1',
    number: 1,
    file_name: 'a.dcm',
    format: 'dicom',
    bytes: 1,
    content_sha256: '',
    imported_at: 0,
    imported_by: '',
    frames: 1,
    no_picture: null,
    notes: [],
    rows: 100,
    cols: 100,
    samples: 1,
    photometric_interpretation: 'MONOCHROME2',
    bits_stored: 12,
    bits_allocated: 16,
    rescale: { slope: 1, intercept: 0 },
    windows: [],
    pixel_spacing_mm: null,
    position_mm: null,
    orientation: null,
    frame_of_reference_uid: null,
    slice_thickness_mm: null,
    lossy: false,
    burned_in_annotation: null,
    sop_class_uid: null,
    transfer_syntax_uid: null,
    ...part,
  };
}

export function slice_of(part: Partial<SliceWire> = {}): SliceWire {
  return {
    sop_instance_uid: '1.2.3.1',
    frame: 0,
    name: 1,
    unit: null,
    windows: [],
    pixel_spacing_mm: null,
    pixel_spacing_basis: null,
    pixel_aspect: null,
    regions: [],
    laterality: null,
    position_mm: null,
    orientation: null,
    sides: null,
    slice_thickness_mm: null,
    ...part,
  };
}

export function series_of(instances: InstanceWire[], slices: SliceWire[], part: Partial<SeriesWire> = {}): SeriesWire {
  return {
    series_instance_uid: '1.2.3',
    modality: 'MR',
    number: 1,
    description: null,
    protocol_name: null,
    body_part_examined: null,
    view_position: null,
    manufacturer: null,
    instances,
    slices,
    ...part,
  };
}

/** So many slices, each of a file of its own. */
export function plain_stack(study: string, count: number): Stack {
  const uids = Array.from({ length: count }, (_, at) => `${study}.${at}`);
  const series = series_of(
    uids.map((sop_instance_uid, at) => instance_of({ sop_instance_uid, number: at + 1 })),
    uids.map((sop_instance_uid, at) => slice_of({ sop_instance_uid, name: at + 1 })),
    { series_instance_uid: `${study}.s` },
  );
  return stack_of(study, series);
}
