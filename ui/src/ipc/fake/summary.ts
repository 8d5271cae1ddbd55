/** What a made-up study's analyses say together. One model reads it, so that the kind of its best answer is that of all. */
import type { AnalysisWire, Flag, SaidOfStudy, StudySummary } from '../generated/wire';

export function summary_of(analyses: readonly AnalysisWire[]): StudySummary {
  const refused = analyses.filter((one) => one.score === null);
  const best = Math.max(...analyses.map((one) => one.score ?? -1));
  const top = analyses.findIndex((one) => one.score === best);
  const reached = analyses.filter((one) => one.reached);
  const flag = reached
    .flatMap((one) => one.heads)
    .reduce<Flag | null>((a, b) => (a === null || b.score > a.score ? b : a), null);
  const said: SaidOfStudy | null =
    top < 0
      ? null
      : {
          top,
          reached: reached.length,
          regions: reached.reduce((sum, one) => sum + one.findings.length, 0),
          heads: flag === null ? [] : [flag],
        };
  const where = analyses[top]?.says === 'where';
  return {
    refused: top < 0 ? (refused[0]?.reason ?? null) : null,
    refusal: top < 0 && refused.length > 0 ? 'other_kind' : null,
    refused_images: refused.length,
    images: analyses.length,
    top: top < 0 ? null : top,
    whether: where ? null : said,
    where: where ? said : null,
  };
}
