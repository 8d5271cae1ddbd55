import { typed_date } from '../../words/format';
import { language } from '../../words/index.svelte';

/** A span of study dates from a word ("the last week") or from what a person typed. */
export type Span = 'any' | 'today' | 'week' | 'month' | 'year' | 'own';
const days: Partial<Record<Span, number>> = { today: 0, week: 6, month: 29, year: 364 };

export function da_of(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}${two(date.getMonth() + 1)}${two(date.getDate())}`;
}

/** First day of the span that ends today; null where the span has no beginning. */
export function span_start(span: Span, today: Date): string | null {
  const back = days[span];
  if (back === undefined) return null;
  return da_of(new Date(today.getFullYear(), today.getMonth(), today.getDate() - back));
}

/** The word for stored dates, so that a saved filter shows what it was made of. */
export function span_of(from: string | null, to: string | null, today: Date): Span {
  if (from === null && to === null) return 'any';
  if (to !== null) return 'own';
  return (['today', 'week', 'month', 'year'] as const).find((span) => span_start(span, today) === from) ?? 'own';
}

/** DICOM DA of a typed date: year first in any notation, or day first with dots or slashes. null where it is no date. */
export function parse_date(typed: string): string | null {
  const text = typed.trim().replace(/\.$/, '');
  const year_first = /^(\d{4})[\s./-]*(\d{1,2})[\s./-]*(\d{1,2})$/.exec(text);
  const day_first = /^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})$/.exec(text);
  const [year, month, day] =
    year_first !== null ? year_first.slice(1).map(Number) : (day_first?.slice(1).reverse().map(Number) ?? []);
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(year, month - 1, day);
  date.setFullYear(year);
  return date.getMonth() === month - 1 && date.getDate() === day ? da_of(date) : null;
}

/** As a person types it, which `parse_date` reads. */
export const date_typed = (da: string | null, language_id = language()): string =>
  da === null ? '' : typed_date(da, language_id);
