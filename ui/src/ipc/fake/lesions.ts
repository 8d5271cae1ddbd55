/** The lesions of a made-up study. It has one spot on neighbouring slices, so that only labels part it. */
import { own_label, word_of } from '../../words/decision';
import type { AnalysisWire, FindingWire, Lesion, SeriesWire } from '../generated/wire';

type Part = { analysis: AnalysisWire; finding: FindingWire; slice: number };

const label_of = ({ label, review }: FindingWire): string => {
  const own = (own_label(review) ?? '').trim();
  return own === '' ? label : own;
};

/** The findings by their decisions, and the firmest of these. */
function decided(group: readonly Part[]): Pick<Lesion, 'decision' | 'decisions' | 'told'> {
  const decisions = { accepted: 0, rejected: 0, changed: 0, unsure: 0, undecided: 0 };
  for (const { finding } of group)
    decisions[finding.review === null ? 'undecided' : word_of(finding.review.decision)]++;
  const firmest = (['accepted', 'changed', 'unsure'] as const).find((decision) => decisions[decision] > 0);
  return { decision: firmest ?? null, decisions, told: firmest !== undefined };
}

export function lesions_of(series: readonly SeriesWire[], analyses: readonly AnalysisWire[]): Lesion[] {
  const slices = new Map(series.flatMap((one) => one.slices.map((slice) => [slice.sop_instance_uid, slice.name])));
  const parts = analyses.flatMap((analysis): Part[] =>
    analysis.findings
      .filter((finding) => finding.review?.decision !== 'rejected')
      .map((finding) => ({ analysis, finding, slice: slices.get(analysis.sop_instance_uid) ?? 0 })),
  );
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = label_of(part.finding);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const of_series = series[0]?.series_instance_uid ?? '';
  return [...groups.values()].map((group) => lesion(of_series, group)).sort((a, b) => b.score - a.score);
}

function lesion(series_instance_uid: string, group: readonly Part[]): Lesion {
  const best = group.reduce((a, b) => (b.finding.score > a.finding.score ? b : a));
  const { analysis, finding } = best;
  const sizes = group.flatMap((one) => one.finding.diameter_mm ?? []);
  const notes = group.map((one) => (one.finding.review?.note ?? '').trim()).filter((note) => note !== '');
  return {
    series_instance_uid,
    label: label_of(finding),
    model_label: finding.label,
    ...decided(group),
    findings: group.map((one) => one.finding.id),
    shown_at: { sop_instance_uid: analysis.sop_instance_uid, frame: analysis.frame },
    score: finding.score,
    threshold: analysis.operating_point.threshold,
    first_slice: Math.min(...group.map((one) => one.slice)),
    last_slice: Math.max(...group.map((one) => one.slice)),
    diameter_mm: sizes.length === 0 ? null : Math.max(...sizes),
    extent_px: [finding.region.bounds.width, finding.region.bounds.height],
    notes: [...new Set(notes)],
  };
}
