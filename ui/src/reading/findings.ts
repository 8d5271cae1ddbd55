/** The findings of a study in the order they are read, and what the panel says of them. Pure. */
import type { AnalysisWire, Flag, Head, FindingWire, Says, Sentence } from '../ipc';
import type { Slice, Stack } from '../viewer/stack';

export type Offered = {
  finding: FindingWire;
  analysis: AnalysisWire;
  stack: Stack;
  /** in its stack */
  index: number;
};

const frame_key = (sop_instance_uid: string, frame: number): string => `${sop_instance_uid}/${frame}`;

/** The analysis of each frame; of two bundles on one frame the one that reached its limit, otherwise the newer. */
export function analyses_by_frame(analyses: readonly AnalysisWire[]): ReadonlyMap<string, AnalysisWire> {
  const found = new Map<string, AnalysisWire>();
  for (const one of analyses) {
    const key = frame_key(one.sop_instance_uid, one.frame);
    const before = found.get(key);
    if (
      before === undefined ||
      rank(one) > rank(before) ||
      (rank(one) === rank(before) && one.analysed_at > before.analysed_at)
    )
      found.set(key, one);
  }
  return found;
}

const rank = (one: AnalysisWire): number =>
  one.flagged ? 3 : one.outlined ? 2 : one.input.verdict === 'out_of_range' ? 0 : 1;

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

/** What the study's analyses say together: a refusal stands in place of a score only where no image was accepted. */
export function summary(analyses: readonly AnalysisWire[]): Summary {
  const out = analyses.filter((one) => one.input.verdict === 'out_of_range');
  const scored = analyses.filter((one) => one.score !== null).sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  return {
    refused: scored.length === 0 ? (out[0]?.reason ?? null) : null,
    asks: scored.length === 0 && out[0]?.refusal === 'not_stated',
    refused_pictures: out.length,
    top: scored[0] ?? null,
    pictures: analyses.length,
    whether: said(scored, 'whether'),
    where: said(scored, 'where'),
  };
}

/** Of analyses with a score, the highest first. */
function said(scored: readonly AnalysisWire[], says: Says): Said | null {
  const own = scored.filter((one) => one.says === says);
  const [top] = own;
  if (top === undefined) return null;
  const reached = own.filter((one) => one.flagged || one.outlined);
  return {
    top,
    reached: reached.length,
    regions: reached.reduce((sum, one) => sum + one.findings.length, 0),
    heads: loudest(reached.flatMap((one) => one.heads)),
  };
}

function loudest(flags: readonly Flag[]): Flag[] {
  const of = (head: Head): Flag[] =>
    flags
      .filter((flag) => flag.head === head)
      .sort((a, b) => b.score - a.score)
      .slice(0, 1);
  return [...of('lesion'), ...of('unusual')];
}
