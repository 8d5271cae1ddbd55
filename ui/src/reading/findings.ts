/** The findings of a study in the order they are read, and what the panel says of them. Pure. */
import type { AnalysisWire, Flag, FindingWire, SaidOfStudy, Sentence, StudyDetail } from '../ipc';
import type { Slice, Stack } from '../viewer/stack';

export type Offered = {
  finding: FindingWire;
  analysis: AnalysisWire;
  stack: Stack;
  /** in its stack */
  index: number;
};

const frame_key = (sop_instance_uid: string, frame: number): string => `${sop_instance_uid}/${frame}`;

/** The analysis of each frame; the program sends the newest of each and no other. */
export const analyses_by_frame = (analyses: readonly AnalysisWire[]): ReadonlyMap<string, AnalysisWire> =>
  new Map(analyses.map((one) => [frame_key(one.sop_instance_uid, one.frame), one]));

export function analysis_of(analyses: ReadonlyMap<string, AnalysisWire>, slice: Slice): AnalysisWire | null {
  return analyses.get(frame_key(slice.instance.sop_instance_uid, slice.frame)) ?? null;
}

/** Series by series, slice by slice, the strongest first within a slice. */
export function offered(stacks: readonly Stack[], analyses: readonly AnalysisWire[]): Offered[] {
  const of_frame = new Map<string, AnalysisWire[]>();
  for (const one of analyses) {
    const key = frame_key(one.sop_instance_uid, one.frame);
    of_frame.set(key, [...(of_frame.get(key) ?? []), one]);
  }
  return stacks.flatMap((stack) =>
    stack.slices.flatMap((slice, index) =>
      (of_frame.get(frame_key(slice.instance.sop_instance_uid, slice.frame)) ?? [])
        .flatMap((analysis) => analysis.findings.map((finding) => ({ finding, analysis, stack, index })))
        .sort((a, b) => b.finding.score - a.finding.score),
    ),
  );
}

/** The next or previous one from where the reader is, round and round. */
export function step(list: readonly Offered[], selected: string | null, by: 1 | -1): Offered | null {
  if (list.length === 0) return null;
  const here = list.findIndex((one) => one.finding.id === selected);
  const next = here < 0 ? (by > 0 ? 0 : list.length - 1) : (here + by + list.length) % list.length;
  return list[next] ?? null;
}

/** Middle of a finding's box, in corner coordinates. */
export function middle_of(finding: FindingWire): readonly [number, number] {
  const { x, y, width, height } = finding.region.bounds;
  return [x + width / 2, y + height / 2];
}

/** How far to zoom in at least, so that a finding takes about a sixth of the tile. */
export function zoom_for(finding: FindingWire, rows: number, cols: number): number {
  const { width, height } = finding.region.bounds;
  const share = Math.max(width / cols, height / rows, 1e-3);
  return Math.min(Math.max(0.15 / share, 1), 2.5);
}

export type Summary = {
  refused: Sentence | null;
  /** it was refused for want of a fact that a person can state */
  asks: boolean;
  refused_pictures: number;
  top: AnalysisWire | null;
  pictures: number;
  /** the models that say whether: they flag */
  whether: Said | null;
  /** the models that say where and not whether: they outline */
  where: Said | null;
};

/** What the models of one kind say. */
export type Said = {
  top: AnalysisWire;
  /** images that are flagged or outlined */
  reached: number;
  /** regions on them */
  regions: number;
  /** of each head that spoke the flag with the highest score */
  heads: readonly Flag[];
};

/** Whether what stands for the whole study names the operating point of this analysis. */
export function says_point(told: Summary, { model, operating_point }: AnalysisWire): boolean {
  const same = (said: Said | null): boolean =>
    said !== null &&
    said.top.model.bundle === model.bundle &&
    said.top.model.version === model.version &&
    said.top.operating_point.name === operating_point.name &&
    said.top.operating_point.threshold === operating_point.threshold;
  return told.refused === null && (same(told.whether) || same(told.where));
}

/** What the study's analyses say together, as the program has it, with the analyses that it points to. */
export function summary({ analyses, summary: told }: Pick<StudyDetail, 'analyses' | 'summary'>): Summary {
  const said = (of: SaidOfStudy | null): Said | null => {
    const top = of === null ? undefined : analyses[of.top];
    return of === null || top === undefined ? null : { ...of, top };
  };
  return {
    refused: told.refused,
    asks: told.refusal === 'not_stated',
    refused_pictures: told.refused_images,
    top: told.top === null ? null : (analyses[told.top] ?? null),
    pictures: told.images,
    whether: said(told.whether),
    where: said(told.where),
  };
}

export const nothing_said: Summary = {
  refused: null,
  asks: false,
  refused_pictures: 0,
  top: null,
  pictures: 0,
  whether: null,
  where: null,
};
