/** One study in full, from its worklist row. */
import type {
  AnalysisWire,
  Counterparts,
  FindingWire,
  FormText,
  InstanceWire,
  OperatingPoint,
  SeriesWire,
  SliceWire,
  StudyDetail,
  WorklistRow,
} from '../generated/wire';
import { lesions_of } from './lesions';
import { summary_of } from './summary';
import { lesion, outline, shape_of, size_of } from './pixels';
import { hex, random } from './random';
import { refusal, report_object } from './sentences';
import { index_of } from './studies';

export const operating_point: OperatingPoint = {
  name: 'balanced',
  threshold: 0.5,
  sensitivity: { value: 0.91, low: null, high: null },
  specificity: { value: 0.87, low: null, high: null },
  set: { pack: 'held-out test set', subset: null, split: null, images: null, patients: null },
  chosen_on_it: false,
  patients: {
    sensitivity: { hits: 91, of: 100, at_least: 0.848 },
    specificity: { hits: 87, of: 100, at_least: 0.802 },
    established: true,
    chosen_on: hex(71, 64),
    manifest_sha256: hex(72, 64),
  },
};
/** Of a model that says where and not whether: nothing was counted by patient. */
export const outline_point: OperatingPoint = { ...operating_point, name: 'outline', patients: null };
export const bundle = { name: 'brain-mri-flair', version: '0.1.0', weights_sha256: hex(42, 64) };

/** `<study>.<series>.<instance>`; the place of an image is read back from its UID. */
export function place_of(sop_instance_uid: string): { study: string; series: number; z: number } {
  const parts = sop_instance_uid.split('.');
  return { study: parts.slice(0, -2).join('.'), series: Number(parts.at(-2)), z: Number(parts.at(-1)) - 1 };
}

/** The study of a series, `<study>.<series>`. */
export const study_of = (series_instance_uid: string): string => series_instance_uid.split('.').slice(0, -1).join('.');

/** Series of one made-up study lie at the same heights; those of two studies meet by their share. */
export function counterparts(
  here: readonly SeriesWire[],
  from: string,
  there: readonly SeriesWire[],
  to: string,
): Counterparts {
  const slices_of = (all: readonly SeriesWire[], uid: string): number =>
    all.find((one) => one.series_instance_uid === uid)?.slices.length ?? 0;
  const [count, last] = [slices_of(here, from), slices_of(there, to) - 1];
  const by_place = study_of(from) === study_of(to);
  const place = (at: number): number =>
    by_place ? Math.min(at, last) : Math.round((at / Math.max(1, count - 1)) * last);
  const places = last < 0 ? [] : Array.from({ length: count }, (_, at) => place(at));
  return { places, by_place: places.map(() => by_place) };
}

export function series_of(row: WorklistRow): SeriesWire[] {
  const kinds = row.modality === 'MR' ? ['FLAIR axial', 'T2 axial'] : [row.description ?? 'Series'];
  return kinds.map((description, at) => ({
    series_instance_uid: `${row.study_instance_uid}.${at + 1}`,
    modality: row.modality,
    number: at + 1,
    description,
    protocol_name: description,
    body_part_examined: row.modality === 'MR' ? 'BRAIN' : 'CHEST',
    view_position: row.modality === 'CR' ? 'PA' : null,
    manufacturer: 'Overread synthetic',
    instances: Array.from({ length: row.instances }, (_, z) => instance(row, at + 1, z)),
    slices: Array.from({ length: row.instances }, (_, z) => slice(row, at + 1, z)).filter(
      (_, z) => !holds_no_picture(row, z),
    ),
  }));
}

const is_sliced = (row: WorklistRow): boolean => row.modality === 'MR' || row.modality === 'CT';
const holds_no_picture = (row: WorklistRow, z: number): boolean =>
  index_of(row.study_instance_uid) === 2 && z === row.instances - 1;
const uid_of = (row: WorklistRow, series: number, z: number): string => `${row.study_instance_uid}.${series}.${z + 1}`;

function slice(row: WorklistRow, series: number, z: number): SliceWire {
  const shape = shape_of(row.modality);
  const { rows, cols } = size_of[shape];
  const spacing = shape === 'mr' ? 0.9 : shape === 'ct' ? 0.7 : shape === 'xray' ? 0.3 : null;
  const sliced = is_sliced(row);
  return {
    sop_instance_uid: uid_of(row, series, z),
    frame: 0,
    name: z + 1,
    unit: shape === 'ct' ? 'HU' : null,
    windows: shape === 'photo' ? [] : [{ ...(shape === 'ct' ? soft : broad), function: null, name: null }],
    pixel_spacing_mm: spacing === null ? null : [spacing, spacing],
    pixel_spacing_basis: spacing === null ? null : shape === 'xray' ? 'detector' : 'patient',
    pixel_aspect: null,
    regions: [],
    laterality: null,
    position_mm: sliced ? [-0.5 * cols * (spacing ?? 1), -0.5 * rows * (spacing ?? 1), z * 2.5] : null,
    orientation: shape === 'photo' ? null : { row: [1, 0, 0], column: sliced ? [0, 1, 0] : [0, 0, -1] },
    sides:
      shape === 'photo'
        ? null
        : sliced
          ? { left: 'R', right: 'L', top: 'A', bottom: 'P' }
          : { left: 'R', right: 'L', top: 'H', bottom: 'F' },
    slice_thickness_mm: sliced ? 2.5 : null,
  };
}

const soft = { center: 40, width: 400 };
const broad = { center: 1500, width: 3000 };

/** What the viewer takes from a slice and not from its file. */
const untold = {
  windows: [],
  pixel_spacing_mm: null,
  position_mm: null,
  orientation: null,
  frame_of_reference_uid: null,
  slice_thickness_mm: null,
};

function instance(row: WorklistRow, series: number, z: number): InstanceWire {
  const shape = shape_of(row.modality);
  const { rows, cols } = size_of[shape];
  const no_picture = holds_no_picture(row, z);
  return {
    sop_instance_uid: uid_of(row, series, z),
    number: z + 1,
    file_name: `IM${String(z + 1).padStart(4, '0')}.dcm`,
    format: shape === 'photo' ? 'jpeg' : 'dicom',
    bytes: rows * cols * 2 + 1400,
    content_sha256: hex(index_of(row.study_instance_uid) * 100 + z, 64),
    imported_at: row.imported_at,
    imported_by: 'admin',
    frames: no_picture ? 0 : 1,
    no_picture: no_picture ? report_object : null,
    notes: [],
    rows,
    cols,
    samples: shape === 'photo' ? 3 : 1,
    photometric_interpretation: shape === 'photo' ? 'RGB' : 'MONOCHROME2',
    bits_stored: shape === 'photo' ? 8 : 12,
    bits_allocated: shape === 'photo' ? 8 : 16,
    rescale: { slope: 1, intercept: shape === 'ct' ? -1024 : 0 },
    ...untold,
    lossy: shape === 'photo',
    burned_in_annotation: null,
    sop_class_uid: shape === 'photo' ? null : '1.2.840.10008.5.1.4.1.1.7',
    transfer_syntax_uid: shape === 'photo' ? null : '1.2.840.10008.1.2.1',
  };
}

export function analyses_of(row: WorklistRow, series: readonly SeriesWire[]): AnalysisWire[] {
  if (row.state === 'new' || row.state === 'analysing') return [];
  const first = series[0];
  if (first === undefined) return [];
  return first.slices.map((one, z) => analysis(row, one, z));
}

function analysis(row: WorklistRow, one: SliceWire, z: number): AnalysisWire {
  const seed = index_of(row.study_instance_uid);
  const refused = row.state === 'refused';
  const shape = shape_of(row.modality);
  const where = row.modality === 'CT';
  const point = where ? outline_point : operating_point;
  const spot = (row.flagged || row.outlined) && !refused ? lesion(seed, shape, z, row.instances) : null;
  const top = row.score ?? 0.1;
  const score = refused
    ? null
    : spot === null
      ? Math.round(random(seed + z).next() * Math.min(top, 0.4) * 1000) / 1000
      : top;
  const spacing = one.pixel_spacing_mm?.[0] ?? null;
  const found: FindingWire[] =
    spot === null
      ? []
      : [
          {
            id: hex(seed * 1000 + z, 32),
            label: 'hyperintense lesion',
            score: top,
            region: {
              bounds: {
                x: Math.round(spot.x - spot.r),
                y: Math.round(spot.y - spot.r),
                width: Math.round(2 * spot.r),
                height: Math.round(2 * spot.r),
              },
              peak: { x: Math.round(spot.x), y: Math.round(spot.y) },
              area_px: Math.round(Math.PI * spot.r ** 2),
              area_mm2: spacing === null ? null : Math.PI * (spot.r * spacing) ** 2,
              outlines: [outline(spot)],
            },
            diameter_mm: spacing === null ? null : 2 * spot.r * spacing,
            review:
              row.findings_reviewed > 0
                ? {
                    finding_id: hex(seed * 1000 + z, 32),
                    decision: 'accepted',
                    note: null,
                    reader: 'admin',
                    decided_at: row.imported_at,
                  }
                : null,
            note_draft: null,
          },
        ];
  return {
    sop_instance_uid: one.sop_instance_uid,
    frame: 0,
    model: { bundle: bundle.name, version: bundle.version, weights_sha256: bundle.weights_sha256 },
    input: refused
      ? { verdict: 'out_of_range', reason: refusal.words, score: null }
      : { verdict: 'in_range', reason: null, score: 12.4 },
    reason: refused ? refusal : null,
    score,
    says: where ? 'where' : 'whether',
    reached: spot !== null,
    flagged: spot !== null && !where,
    outlined: spot !== null && where,
    heads: spot === null || score === null ? [] : [{ head: 'lesion', score, limit: point.threshold }],
    operating_point: point,
    findings: found,
    has_map: !refused,
    device: 'cpu',
    precision: 'bf16',
    app_version: '0.2.0',
    milliseconds: { decode: 4, preprocess: 6, infer: 41, post: 5, total: 56 },
    analysed_at: row.imported_at,
    analysed_by: 'admin',
  };
}

const no_words: FormText = {
  indication: '',
  technique: '',
  findings: '',
  conclusion: '',
  recommendation: '',
  key_images: [],
};

/** how many images there are, and how many no model has seen; the made-up model looks at the first series and answers for all */
function counts_of(series: readonly SeriesWire[], analyses: readonly AnalysisWire[], hidden: boolean): Counts {
  const images = series.reduce((sum, one) => sum + one.slices.length, 0);
  return { images, images_not_analysed: hidden || analyses.length > 0 ? 0 : images };
}
type Counts = Pick<StudyDetail, 'images' | 'images_not_analysed'>;

export function detail_of(row: WorklistRow, priors: WorklistRow[], hidden: boolean): StudyDetail {
  const series = series_of(row);
  const analyses = hidden ? [] : analyses_of(row, series);
  const reviewed = row.state === 'reviewed' || row.state === 'signed';
  return {
    study_instance_uid: row.study_instance_uid,
    state: row.state,
    patient: { patient_id: row.patient_id, patient_name: row.patient_name, birth_date: row.birth_date, sex: row.sex },
    study: {
      study_instance_uid: row.study_instance_uid,
      date: row.date,
      time: '101500',
      accession_number: `A${index_of(row.study_instance_uid)}`,
      description: row.description,
      referring_physician: 'House^Gregory',
      patient_age: '054Y',
    },
    series,
    ...counts_of(series, analyses, hidden),
    analyses,
    summary: summary_of(analyses),
    lesions: lesions_of(series, analyses),
    hidden,
    annotations: [],
    form: reviewed
      ? {
          text: { ...no_words, conclusion: 'One hyperintense lesion; follow-up advised.' },
          updated_at: row.imported_at,
          updated_by: 'admin',
        }
      : null,
    reading: null,
    sign_off:
      row.state === 'signed'
        ? {
            reader: 'admin',
            signed_at: row.imported_at,
            content_sha256: hex(7, 64),
          }
        : null,
    priors,
    notes: [],
    doubts: [],
    patient_open: shape_of(row.modality) === 'photo' && row.state !== 'signed',
  };
}
