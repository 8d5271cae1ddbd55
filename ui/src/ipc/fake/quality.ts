/** Made-up figures: flagged shares rise slowly, weekends are quiet, the first third of a long span has no day at all. */
import type { BundleQuality, Change, ModelQuality, Quality, QualityStep, ShareTold } from '../generated/wire';
import { bundle } from './detail';
import { random } from './random';

const day_ms = 86_400_000;

export function quality(days: number, studies: number): Quality {
  if (studies === 0) return { bundles: [], told: [], studies_hidden: 0 };
  const from = random(99);
  const today = Math.floor(Date.now() / day_ms);
  const list: QualityStep[] = [];
  for (let at = Math.floor(days > 90 ? days / 3 : 0); at < days; at += 1) {
    const date = new Date((today - days + 1 + at) * day_ms);
    const busy = [0, 6].includes(date.getUTCDay()) ? 0.1 : 1;
    const histogram = Array.from({ length: 10 }, (_, bin) =>
      Math.round((bin < 4 ? 30 : bin > 7 ? 8 + (10 * at) / days : 4) * busy * from.next()),
    );
    const scored = histogram.reduce((sum, n) => sum + n, 0);
    const refused = busy === 1 ? from.below(5) : 0;
    if (scored + refused === 0) continue;
    const flagged = histogram.slice(5).reduce((sum, n) => sum + n, 0);
    const mean_score = scored === 0 ? null : histogram.reduce((sum, n, bin) => sum + n * (bin + 0.5) * 0.1, 0) / scored;
    list.push({
      from: date.toISOString().slice(0, 10),
      to: date.toISOString().slice(0, 10),
      analyses: scored + refused,
      scored,
      says_whether: scored,
      flagged,
      outlined: 0,
      says_where: 0,
      refused,
      mean_score,
      histogram,
    });
  }
  const sum = (of: (day: QualityStep) => number): number => list.reduce((total, one) => total + of(one), 0);
  const flagged = sum((one) => one.flagged);
  const part = (share: number): number => Math.round(flagged * share);
  const now: ModelQuality = {
    bundle: bundle.name,
    version: bundle.version,
    analyses: sum((one) => one.analyses),
    flagged,
    outlined: 0,
    says_where: 0,
    refused: sum((one) => one.refused),
    decisions: {
      accepted: part(0.64),
      rejected: part(0.14),
      changed: part(0.06),
      unsure: part(0.03),
      undecided: flagged - part(0.64) - part(0.14) - part(0.06) - part(0.03),
    },
    mean_seconds: 0.056,
    agreement: { both: part(0.5), model_only: part(0.09), reader_only: part(0.03), neither: part(1.2) },
    read_first: { readings: 96, agreed: 85, mean_seconds_to_opinion: 41.5 },
  };
  const chest: ModelQuality = {
    bundle: 'chest-xray-with-a-name-that-is-longer-than-its-column',
    version: '0.2.0',
    analyses: 0,
    flagged: 0,
    outlined: 0,
    says_where: 0,
    refused: 0,
    decisions: { accepted: 0, rejected: 0, changed: 0, unsure: 0, undecided: 0 },
    mean_seconds: null,
    agreement: { both: 0, model_only: 0, reader_only: 0, neither: 0 },
    read_first: { readings: 0, agreed: 0, mean_seconds_to_opinion: null },
  };
  // Says where and not whether: it outlines and never flags.
  const where: QualityStep[] = list.slice(-6).map((one) => ({
    ...one,
    analyses: 12,
    scored: 10,
    says_whether: 0,
    flagged: 0,
    outlined: 4,
    says_where: 10,
    refused: 2,
    mean_score: 0.45,
    histogram: [6, 0, 0, 0, 0, 0, 0, 0, 0, 4],
  }));
  const head: ModelQuality = {
    ...chest,
    bundle: 'head-ct',
    analyses: 12 * where.length,
    outlined: 4 * where.length,
    says_where: 10 * where.length,
    refused: 2 * where.length,
    decisions: { ...chest.decisions, accepted: 3, undecided: 4 * where.length - 3 },
    mean_seconds: 0.061,
  };
  return {
    bundles: [now, chest, head],
    told: [said(now, list), said(chest, []), said(head, where)],
    studies_hidden: 0,
  };
}

/** Days, or weeks where there are many. */
function chart(days: readonly QualityStep[]): QualityStep[] {
  if (days.length <= 120) return [...days];
  return Array.from({ length: Math.ceil(days.length / 7) }, (_, at) => added(days.slice(at * 7, at * 7 + 7)));
}

function added(days: readonly QualityStep[]): QualityStep {
  const sum = (of: (day: QualityStep) => number): number => days.reduce((total, one) => total + of(one), 0);
  return {
    from: days[0]?.from ?? '',
    to: days.at(-1)?.to ?? '',
    analyses: sum((one) => one.analyses),
    scored: sum((one) => one.scored),
    says_whether: sum((one) => one.says_whether),
    says_where: sum((one) => one.says_where),
    flagged: sum((one) => one.flagged),
    outlined: sum((one) => one.outlined),
    refused: sum((one) => one.refused),
    mean_score: days.find((one) => one.mean_score !== null)?.mean_score ?? null,
    histogram: Array.from({ length: 10 }, (_, bin) => sum((one) => one.histogram[bin] ?? 0)),
  };
}

/** Made up too: an interval of five points to either side, and no change but in what is flagged. */
function said(model: ModelQuality, days: readonly QualityStep[]): BundleQuality {
  const { both, model_only, reader_only, neither } = model.agreement;
  const [agreed, total] = [both + neither, both + model_only + reader_only + neither];
  const share = total === 0 ? null : agreed / total;
  const change = (verdict: Change['verdict']): Change => ({ interval: { low: 0.01, high: 0.06 }, verdict });
  const shared = (count: number, of: number): ShareTold => ({
    count,
    of,
    share: of === 0 ? null : count / of,
    interval: of === 0 ? null : { low: Math.max(0, count / of - 0.05), high: Math.min(1, count / of + 0.05) },
  });
  const { accepted, changed, rejected, unsure } = model.decisions;
  const decided = accepted + changed + rejected + unsure;
  const half = Math.ceil(days.length / 2);
  const same: Change = { interval: { low: -0.02, high: 0.03 }, verdict: 'same' };
  return {
    bundle: model.bundle,
    says_where: model.says_where > 0,
    accepted: shared(accepted, decided),
    kept: shared(accepted + changed, decided),
    read_first: shared(model.read_first.agreed, model.read_first.readings),
    mean_seconds_to_opinion: model.read_first.mean_seconds_to_opinion,
    mean_seconds: model.mean_seconds,
    agreement: {
      fields: model.agreement,
      agreed,
      total,
      share,
      interval: share === null ? null : { low: Math.max(0, share - 0.05), high: Math.min(1, share + 0.05) },
    },
    compared:
      days.length === 0
        ? null
        : {
            first: added(days.slice(0, half)),
            last: added(days.slice(half)),
            enough: true,
            needed: 30,
            flagged: model.flagged === 0 ? { interval: null, verdict: 'same' } : change('more'),
            outlined: same,
            refused: same,
          },
    steps: chart(days),
  };
}
