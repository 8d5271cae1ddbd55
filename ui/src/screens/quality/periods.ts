/** Days of one bundle, gathered: into steps of a chart, and into an earlier and a later half that are compared. Pure. */
import type { DayQuality } from '../../ipc';
import { difference, type Interval } from './statistics';

const bins = 10;
const day_ms = 86_400_000;

export type Step = {
  /** first and last day, YYYY-MM-DD */
  from: string;
  to: string;
  analyses: number;
  scored: number;
  flagged: number;
  outlined: number;
  /** of those with a score, by models that say where and not whether */
  says_where: number;
  refused: number;
  mean_score: number | null;
  histogram: number[];
};

const number_of = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / day_ms);
const day_of = (number: number): string => new Date(number * day_ms).toISOString().slice(0, 10);

function gather(days: readonly DayQuality[], from: string, to: string): Step {
  const sum = (of: (day: DayQuality) => number): number => days.reduce((total, day) => total + of(day), 0);
  const histogram = Array.from({ length: bins }, (_, bin) => sum((day) => day.histogram[bin] ?? 0));
  const scored = histogram.reduce((total, count) => total + count, 0);
  const count_of = (day: DayQuality): number => day.histogram.reduce((total, count) => total + count, 0);
  const weighed = sum((day) => (day.mean_score === null ? 0 : day.mean_score * count_of(day)));
  const with_mean = sum((day) => (day.mean_score === null ? 0 : count_of(day)));
  return {
    from,
    to,
    histogram,
    scored,
    analyses: sum((day) => day.analyses),
    flagged: sum((day) => day.flagged),
    outlined: sum((day) => day.outlined),
    says_where: sum((day) => day.says_where),
    refused: sum((day) => day.refused),
    mean_score: with_mean === 0 ? null : weighed / with_mean,
  };
}

/** Every day from the first with an analysis to `last`, empty ones too, in steps of a day or, where that are too many, of a week. */
export function steps(days: readonly DayQuality[], last: string, most = 120): Step[] {
  const [first] = days;
  if (first === undefined) return [];
  const begin = number_of(first.day);
  const end = Math.max(number_of(last), number_of(days.at(-1)?.day ?? last));
  const width = end - begin + 1 > most ? 7 : 1;
  const count = Math.ceil((end - begin + 1) / width);
  // Weeks end today, so that only the oldest may be short.
  const start = end - count * width + 1;
  return Array.from({ length: count }, (_, at) => {
    const [from, to] = [Math.max(begin, start + at * width), start + at * width + width - 1];
    const inside = days.filter((day) => number_of(day.day) >= from && number_of(day.day) <= to);
    return gather(inside, day_of(from), day_of(to));
  });
}

/** Fewer scores than this in a half say nothing about a change. */
export const enough = 30;

export type Change = { interval: Interval | null; verdict: 'same' | 'more' | 'less' };
export type Comparison = {
  first: Step;
  last: Step;
  enough: boolean;
  flagged: Change;
  outlined: Change;
  refused: Change;
};

/** Scores of models that say whether; of these a share is flagged. */
export const says_whether = (step: Step): number => step.scored - step.says_where;

/** The chosen days cut in two at their middle. */
export function compare(days: readonly DayQuality[], chosen: number, last: string): Comparison {
  const end = number_of(last);
  const begin = end - chosen + 1;
  const middle = begin + Math.floor(chosen / 2);
  const early = days.filter((day) => number_of(day.day) < middle);
  const late = days.filter((day) => number_of(day.day) >= middle);
  const first = gather(early, day_of(begin), day_of(middle - 1));
  const second = gather(late, day_of(middle), last);
  return {
    first,
    last: second,
    enough: first.scored >= enough && second.scored >= enough,
    flagged: change(first.flagged, says_whether(first), second.flagged, says_whether(second)),
    outlined: change(first.outlined, first.says_where, second.outlined, second.says_where),
    refused: change(first.refused, first.analyses, second.refused, second.analyses),
  };
}

function change(count: number, total: number, later: number, later_total: number): Change {
  const interval = difference({ count, total }, { count: later, total: later_total });
  const verdict = interval === null ? 'same' : interval.low > 0 ? 'more' : interval.high < 0 ? 'less' : 'same';
  return { interval, verdict };
}
