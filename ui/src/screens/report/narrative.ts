/**
 * The first words of a report: the lesions and decisions as the program sent them, in the words of the interface.
 * Pure but for the language.
 */
import type { Lesion, SeriesWire, SliceWire, StudyDetail } from '../../ipc';
import { number, score as score_words } from '../../words/format';
import { t } from '../../words/index.svelte';
import { series_name } from './places';

/** Lesions that a report tells, as the program decides. */
export const told_lesions = (study: StudyDetail): Lesion[] => study.lesions.filter((one) => one.told);

/** A line for each lesion, worst first. */
export const finding_lines = (study: StudyDetail): string[] => told_lesions(study).map((one) => line(study, one));

function line(study: StudyDetail, lesion: Lesion): string {
  const [first, last] = [String(lesion.first_slice), String(lesion.last_slice)];
  const where = first === last ? t('report.line.slice', { slice: first }) : t('report.line.slices', { first, last });
  const series = study.series.find((one) => one.series_instance_uid === lesion.series_instance_uid);
  const scored = t('report.line.score', {
    score: score_words(lesion.score),
    threshold: score_words(lesion.threshold),
  });
  const parts = [
    where,
    ...(series === undefined ? [] : [series_words(study, series)]),
    size(lesion),
    scored,
    decided(lesion),
  ];
  return [`${capital(lesion.label)}: ${parts.join(', ')}.`, ...lesion.notes].join(' ');
}

/** The decision; where those of its findings differ, each with the number of them. What is not decided is the rest. */
function decided({ label, model_label, decisions, findings }: Lesion): string {
  const words = {
    accepted: t('report.line.accepted'),
    changed: label === model_label ? t('report.line.changed') : t('report.line.changed_from', { label: model_label }),
    unsure: t('report.line.unsure'),
  };
  const all = findings.length;
  return (['accepted', 'changed', 'unsure'] as const)
    .filter((decision) => decisions[decision] > 0)
    .map((decision) => {
      const [word, count] = [words[decision], decisions[decision]];
      return count === all ? word : t('report.line.part', { decision: word, count, all });
    })
    .join(', ');
}

function series_words(study: StudyDetail, series: SeriesWire): string {
  const { number: at, description } = series_name(study, series);
  return description === ''
    ? t('report.line.series', { number: String(at) })
    : t('report.line.series_named', { number: String(at), name: description });
}

function size({ diameter_mm, extent_px: [width, height] }: Lesion): string {
  if (diameter_mm !== null) return t('report.line.size', { size: number(diameter_mm, 1) });
  return t('report.line.size_pixels', { width: String(width), height: String(height) });
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** What was examined and how, from the files themselves. */
export function technique(study: StudyDetail): string {
  const series = study.series.filter((one) => one.slices.length > 0);
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
  const parts = [t('report.technique.pictures', { count: series.slices.length })];
  if (series.view_position !== null && series.view_position !== '')
    parts.push(t('report.technique.view', { view: series.view_position }));
  const thick = same(series.slices, (one) => one.slice_thickness_mm);
  if (thick !== null && thick > 0) parts.push(t('report.technique.thickness', { size: number(thick, 1) }));
  if (series.instances.some((one) => one.lossy)) parts.push(t('report.technique.lossy'));
  return `${capital(series_words(study, series))}: ${parts.join(', ')}.`;
}

/** The value that all slices share. */
function same<T>(slices: readonly SliceWire[], of: (one: SliceWire) => T): T | null {
  const [first, ...others] = slices.map(of);
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
