/** The first words of a report, made from the record and from what the reader decided. Pure but for the language. */
import type { FindingWire, InstanceWire, PixelBox, SeriesWire, StudyDetail } from '../../ipc';
import { own_label, word_of, type DecisionWord } from '../../words/decision';
import { number, score as score_words } from '../../words/format';
import { t } from '../../words/index.svelte';
import { key_of, places_of, series_name, type Place } from './places';

type Kept = {
  finding: FindingWire;
  place: Place;
  threshold: number;
  label: string;
  decision: DecisionWord;
  note: string;
};

/** Findings that a report tells: accepted, changed or unsure. Rejected and undecided ones are not in it. */
export function kept_findings(study: StudyDetail): Kept[] {
  const places = places_of(study);
  const kept: Kept[] = [];
  for (const analysis of study.analyses) {
    const place = places.get(key_of(analysis));
    if (place === undefined) continue;
    for (const finding of analysis.findings) {
      const review = finding.review;
      if (review === null || review.decision === 'rejected') continue;
      const changed = (own_label(review) ?? '').trim();
      kept.push({
        finding,
        place,
        threshold: analysis.operating_point.threshold,
        decision: word_of(review.decision),
        label: changed === '' ? finding.label : changed,
        note: (review.note ?? '').trim(),
      });
    }
  }
  return kept;
}

/** Findings of one lesion: the same words and decision in the same series, on neighbouring slices, one over the other. */
export function lesions(kept: readonly Kept[]): Kept[][] {
  const groups: Kept[][] = [];
  const ordered = [...kept].sort((a, b) => a.place.at - b.place.at);
  for (const one of ordered) {
    const home = groups.find((group) => group.some((other) => belongs_to(one, other)));
    if (home === undefined) groups.push([one]);
    else home.push(one);
  }
  return groups;
}

function belongs_to(one: Kept, other: Kept): boolean {
  return (
    one.place.series === other.place.series &&
    one.label === other.label &&
    one.decision === other.decision &&
    one.place.at - other.place.at === 1 &&
    one.place.instance.frames === other.place.instance.frames &&
    overlap(one.finding.region.bounds, other.finding.region.bounds)
  );
}

/** The finding that shows its lesion best: the highest score, and of equals the largest. */
export function best_of(group: readonly Kept[]): Kept {
  return group.reduce((a, b) =>
    b.finding.score > a.finding.score ||
    (b.finding.score === a.finding.score && b.finding.region.area_px > a.finding.region.area_px)
      ? b
      : a,
  );
}

function overlap(a: PixelBox, b: PixelBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A line for each lesion, worst first. */
export function finding_lines(study: StudyDetail): string[] {
  const top = (group: readonly Kept[]): number => Math.max(...group.map((one) => one.finding.score));
  return lesions(kept_findings(study))
    .sort((a, b) => top(b) - top(a))
    .map((group) => line(study, group));
}

function line(study: StudyDetail, group: readonly Kept[]): string {
  const best = best_of(group);
  const series = series_name(study, best.place.series);
  const slices = group.map((one) => one.place.slice);
  const [first, last] = [Math.min(...slices), Math.max(...slices)];
  const where =
    first === last
      ? t('report.line.slice', { slice: String(first) })
      : t('report.line.slices', { first: String(first), last: String(last) });
  const of_series =
    series.description === ''
      ? t('report.line.series', { number: String(series.number) })
      : t('report.line.series_named', { number: String(series.number), name: series.description });
  const said = {
    accepted: t('report.line.accepted'),
    changed:
      best.label === best.finding.label
        ? t('report.line.changed')
        : t('report.line.changed_from', { label: best.finding.label }),
    unsure: t('report.line.unsure'),
    rejected: '',
  }[best.decision];
  const scored = t('report.line.score', {
    score: score_words(best.finding.score),
    threshold: score_words(best.threshold),
  });
  const notes = [...new Set(group.map((one) => one.note).filter((note) => note !== ''))];
  const head = `${capital(best.label)}: ${[where, of_series, size(group), scored, said].join(', ')}.`;
  return [head, ...notes].join(' ');
}

function size(group: readonly Kept[]): string {
  const diameters = group.flatMap((one) => (one.finding.diameter_mm === null ? [] : [one.finding.diameter_mm]));
  const largest = Math.max(...diameters);
  if (diameters.length > 0) return t('report.line.size', { size: number(largest, largest < 10 ? 1 : 0) });
  const largest_of = (a: Kept, b: Kept): Kept => (b.finding.region.area_px > a.finding.region.area_px ? b : a);
  const { width, height } = group.reduce(largest_of).finding.region.bounds;
  return t('report.line.size_pixels', { width: String(width), height: String(height) });
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** What was examined and how, from the files themselves. */
export function technique(study: StudyDetail): string {
  const series = study.series.filter((one) => one.instances.some((instance) => instance.frames > 0));
  const head = [
    ...new Set(
      series.flatMap((one) => [
        one.modality,
        ...(one.body_part_examined === null ? [] : [part_words(one.body_part_examined)]),
      ]),
    ),
  ].filter((part) => part !== '');
  return [head.length === 0 ? '' : `${head.join(', ')}.`, ...series.map((one) => series_line(study, one))]
    .filter((part) => part !== '')
    .join('\n');
}

const part_words = (part: string): string => part.toLocaleLowerCase();

function series_line(study: StudyDetail, series: SeriesWire): string {
  const { number: at, description } = series_name(study, series);
  const pictures = series.instances.reduce((sum, one) => sum + one.frames, 0);
  const parts = [t('report.technique.pictures', { count: pictures })];
  if (series.view_position !== null && series.view_position !== '')
    parts.push(t('report.technique.view', { view: series.view_position }));
  const thick = same(series.instances, (one) => one.slice_thickness_mm);
  if (thick !== null && thick > 0) parts.push(t('report.technique.thickness', { size: number(thick, 1) }));
  if (series.instances.some((one) => one.lossy)) parts.push(t('report.technique.lossy'));
  const name =
    description === ''
      ? t('report.line.series', { number: String(at) })
      : t('report.line.series_named', { number: String(at), name: description });
  return `${capital(name)}: ${parts.join(', ')}.`;
}

/** The value that all instances with an image share. */
function same<T>(instances: readonly InstanceWire[], of: (one: InstanceWire) => T): T | null {
  const [first, ...others] = instances.filter((one) => one.frames > 0).map(of);
  return first !== undefined && others.every((other) => other === first) ? first : null;
}

/** `text` with the lines that do not stand in it yet; null where nothing is to be added. */
export function with_lines(text: string, lines: readonly string[]): { added: string; count: number } | null {
  const present = new Set(text.split('\n').map((one) => one.trim()));
  const missing = lines.filter((one) => !present.has(one.trim()));
  if (missing.length === 0) return null;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return { added: gap + missing.join('\n'), count: missing.length };
}
