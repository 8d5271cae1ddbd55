/** Made-up figures: flagged shares rise slowly, weekends are quiet, the first third of a long span has no day at all. */
import type { Quality, ModelQuality, DayQuality } from '../generated/wire';
import { bundle } from './detail';
import { random } from './random';

const day_ms = 86_400_000;

export function quality(days: number, studies: number): Quality {
  if (studies === 0) return { bundles: [], days: [] };
  const from = random(99);
  const today = Math.floor(Date.now() / day_ms);
  const list: DayQuality[] = [];
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
      day: date.toISOString().slice(0, 10),
      bundle: bundle.name,
      analyses: scored + refused,
      flagged,
      outlined: 0,
      says_where: 0,
      refused,
      mean_score,
      histogram,
    });
  }
  const sum = (of: (day: DayQuality) => number): number => list.reduce((total, one) => total + of(one), 0);
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
  const where: DayQuality[] = list.slice(-6).map((one) => ({
    ...one,
    bundle: 'head-ct',
    analyses: 12,
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
  return { bundles: [now, chest, head], days: [...list, ...where] };
}
