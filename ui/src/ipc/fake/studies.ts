/** Worklist rows from a number, and what the program does with them: find, filter, sort. */
import type { StudyState, WorklistColumn, WorklistQuery, WorklistRow } from '../generated/wire';
import { person } from './people';
import { random } from './random';

const kinds = [
  { modality: 'MR', description: 'MRI head, FLAIR', instances: 60 },
  { modality: 'MR', description: 'MRI head with and without contrast', instances: 60 },
  { modality: 'CT', description: 'CT thorax', instances: 60 },
  { modality: 'CR', description: 'Chest PA and lateral', instances: 2 },
  { modality: 'DX', description: 'Left wrist', instances: 2 },
  { modality: 'XC', description: 'Skin photograph', instances: 3 },
] as const;
const states: readonly StudyState[] = ['new', 'flagged', 'clear', 'clear', 'flagged', 'refused', 'reviewed', 'signed'];

export const uid_of = (index: number): string => `1.2.826.0.1.3680043.8.498.${1000000 + index}`;
export const index_of = (study_instance_uid: string): number => Number(study_instance_uid.split('.').at(-1)) - 1000000;

/** The made-up model of CT studies says where and not whether. */
const told_of_where: Partial<Record<StudyState, StudyState>> = { flagged: 'outlined', clear: 'not_outlined' };

export function row(index: number): WorklistRow {
  const from = random(index * 7 + 3);
  // every fourth study is a later one of the person before
  const who = person(index % 4 === 3 && index > 8 ? index - 1 : index);
  const kind = from.pick(kinds);
  const state = index === 8 ? 'analysing' : index < 8 ? (states[index] ?? 'new') : from.pick(states);
  const scored = state !== 'new' && state !== 'refused' && state !== 'analysing';
  const reached = state === 'flagged' || (scored && state !== 'clear' && from.chance(0.5));
  const score = scored ? Math.round((reached ? 0.5 + from.next() * 0.49 : from.next() * 0.49) * 1000) / 1000 : null;
  const where = kind.modality === 'CT';
  const findings = reached ? 1 + from.below(3) : 0;
  const day = new Date(Date.UTC(2026, 10, 24) - from.below(2200) * 86_400_000);
  return {
    study_instance_uid: uid_of(index),
    ...who,
    date: index === 5 ? null : day.toISOString().slice(0, 10).replaceAll('-', ''),
    modality: kind.modality,
    description: index === 5 ? null : kind.description,
    state: where ? (told_of_where[state] ?? state) : state,
    score,
    flagged: reached && !where,
    outlined: reached && where,
    instances: kind.instances,
    images_not_analysed: 0,
    findings,
    findings_reviewed: state === 'reviewed' || state === 'signed' ? findings : 0,
    progress: state === 'analysing' ? [21, kind.instances] : null,
    imported_at: Date.UTC(2026, 10, 24, 9) - index * 61_000,
    doubts: [],
  };
}

const rank: Record<StudyState, number> = {
  flagged: 0,
  outlined: 0,
  analysing: 1,
  new: 2,
  unread: 3,
  refused: 4,
  no_picture: 5,
  clear: 6,
  not_outlined: 6,
  partly_analysed: 7,
  reviewed: 8,
  signed: 9,
};

const text_of: Record<WorklistColumn, (row: WorklistRow) => string | number> = {
  suspicion: (r) => r.score ?? -1,
  name: (r) => r.patient_name.toLowerCase(),
  patient_id: (r) => r.patient_id,
  date: (r) => r.date ?? '',
  modality: (r) => r.modality,
  state: (r) => rank[r.state],
  instances: (r) => r.instances,
  imported: (r) => r.imported_at,
};

const answers: readonly StudyState[] = ['flagged', 'outlined', 'clear', 'not_outlined', 'refused'];

/** Read-first hides what the model said until the reader has spoken. */
export function hide(row: WorklistRow): WorklistRow {
  if (!answers.includes(row.state)) return row;
  return { ...row, state: 'unread', score: null, flagged: false, outlined: false, findings: 0 };
}

export type Selected = { rows: WorklistRow[]; state_counts: Record<string, number> };

export function select(all: readonly WorklistRow[], query: WorklistQuery): Selected {
  const words = query.find
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const haystack = (r: WorklistRow): string =>
    `${r.patient_name} ${r.patient_id} ${r.date ?? ''} ${r.modality} ${r.description ?? ''}`.toLowerCase();
  const matching = all.filter((r) => {
    if (query.modalities.length > 0 && !query.modalities.includes(r.modality)) return false;
    if (query.date_from !== null && (r.date === null || r.date < query.date_from)) return false;
    if (query.date_to !== null && (r.date === null || r.date > query.date_to)) return false;
    if (words.length === 0) return true;
    const text = haystack(r);
    return words.every((word) => text.includes(word));
  });
  const state_counts: Record<string, number> = {};
  for (const r of matching) state_counts[r.state] = (state_counts[r.state] ?? 0) + 1;
  const rows = query.states.length === 0 ? matching : matching.filter((r) => query.states.includes(r.state));
  const value = text_of[query.order.by];
  const sign = query.order.descending ? -1 : 1;
  const keyed = rows.map((r, at) => ({ r, key: value(r), at }));
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.at - b.at));
  return { rows: keyed.map((k) => k.r), state_counts };
}
