/** Dates, numbers and sizes in the words of the chosen language. Pure: the language is passed in or taken from the switch. */
import { language, render } from './index.svelte';

/**
 * The person's own region where the system speaks the same language (en-GB, de-AT), otherwise the plain language;
 * English without a region counts days first.
 */
export function region(
  language_id = language(),
  system: readonly string[] = globalThis.navigator?.languages ?? [],
): string {
  const own = system.find((tag) => tag.split('-')[0] === language_id && tag.includes('-'));
  return own ?? (language_id === 'en' ? 'en-GB' : language_id);
}

/** DICOM DA (YYYYMMDD) as a date of the person's language, the month in letters so that 3/4 is never read as 4/3; anything else is shown as it is. */
export function dicom_date(da: string | null, locale = region()): string {
  if (da === null || da === '') return '';
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(da);
  if (match === null) return da;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1) return da;
  date.setUTCFullYear(year);
  return new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: '2-digit', timeZone: 'UTC' }).format(
    date,
  );
}

/** A day as the program writes it in sentences and tables (2026-11-30), as [`dicom_date`] shows it; anything else as it is. */
export function iso_date(day: string, locale = region()): string {
  const da = /^\d{4}-\d{2}-\d{2}$/.test(day) ? day.replaceAll('-', '') : '';
  const shown = dicom_date(da, locale);
  return shown === da ? day : shown;
}

/** A DICOM DA as a person of this language types it, in figures alone. */
export function typed_date(da: string, language_id = language()): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d{2})(\d{2})$/.exec(da) ?? [];
  if (year === '') return da;
  if (language_id === 'de') return `${day}.${month}.${year}`;
  return language_id === 'hu' ? `${year}.${month}.${day}.` : `${year}-${month}-${day}`;
}

const units_of_age = { D: 'age.days', W: 'age.weeks', M: 'age.months', Y: 'age.years' } as const;

/** DICOM AS (054Y) as an age in the person's language; anything else is shown as it is. */
export function dicom_age(age: string | null, language_id = language()): string {
  const [, count = '', letter = ''] = /^(\d{3})([DWMY])$/.exec(age ?? '') ?? [];
  const unit = Object.entries(units_of_age).find(([own]) => own === letter)?.[1];
  return unit === undefined ? (age ?? '') : render(language_id, unit, { count: Number(count) });
}

/** An age in years, which may be less than one. */
export const age_in_years = (years: number, language_id = language()): string =>
  render(language_id, 'age.years', { count: years });

/** A moment in milliseconds since 1970 as date and time of this place. */
export function date_time(at: number | null, locale = region(), time_zone?: string): string {
  if (at === null) return '';
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: time_zone,
  }).format(at);
}

/** A moment in milliseconds since 1970 as the time of day here; with its date where that is not today. */
export function clock_time(at: number, now = new Date(), locale = region(), time_zone?: string): string {
  const day = (of: Date | number): string =>
    new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeZone: time_zone }).format(of);
  if (day(at) !== day(now)) return date_time(at, locale, time_zone);
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: time_zone }).format(at);
}

/**
 * DICOM PN ("Family^Given^Middle^Prefix^Suffix") as it is read: family name first, then given names,
 * a spelling in another script behind it. `=` parts spellings only where the other one is in another script.
 */
export function person_name(pn: string): string {
  const groups = pn.split('=');
  const other_scripts = groups.slice(1);
  const has_spellings =
    groups.length <= 3 && other_scripts.every((group) => group === '' || /[^\x20-\x7e]/.test(group));
  if (!has_spellings) return one_spelling(pn);
  const [alphabetic = '', ideographic = ''] = groups.map(one_spelling);
  if (alphabetic === '' || ideographic === '') return alphabetic + ideographic;
  return `${alphabetic} (${ideographic})`;
}

function one_spelling(group: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim());
  const first = [prefix, given, middle, suffix].filter((part) => part !== '').join(' ');
  return [family, first].filter((part) => part !== '').join(', ');
}

export function number(value: number, digits = 0, locale = language()): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * A score or threshold, never as a percentage: it is calibrated, not a share of anything. Three digits, cut and not
 * rounded up, as in reports, so that a score below its threshold never reads as equal to it.
 */
export function score(value: number, locale = language()): string {
  return number(Math.floor((value + 5e-7) * 1000) / 1000, 3, locale);
}

export function percent(value: number, digits = 0, locale = language()): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function bytes(value: number, locale = language()): string {
  let size = value;
  let step = 0;
  while (size >= 1000 && step < sizes.length - 1) {
    size /= 1000;
    step += 1;
  }
  const digits = step > 0 && size < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: sizes[step],
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(size);
}

/** A span for a person who waits: seconds under a minute, then minutes, then hours and minutes. */
export function span(seconds: number, locale = language()): string {
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(
      value,
    );
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return unit(whole, 'second');
  if (whole < 3600) return unit(Math.round(whole / 60), 'minute');
  return `${unit(Math.floor(whole / 3600), 'hour')} ${unit(Math.round((whole % 3600) / 60), 'minute')}`;
}
