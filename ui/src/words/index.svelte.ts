/**
 * All words shown to a person come from here, by `t(key, values)`.
 * An entry is a sentence or its plural forms, chosen by the value `count`. A language lacking a key falls back to English.
 */
import de from './de.json';
import en from './en.json';
import hu from './hu.json';

export type Key = keyof typeof en;
export type Values = Record<string, string | number>;
export type Entry = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<string, Entry>;

export const catalogues: Record<string, Catalogue> = { en, hu, de };
export const languages = [
  { id: 'en', title: 'English' },
  { id: 'hu', title: 'Magyar' },
  { id: 'de', title: 'Deutsch' },
] as const;

let current = $state('en');

export function language(): string {
  return current;
}

export function set_language(id: string): void {
  current = id in catalogues ? id : 'en';
  if (typeof document !== 'undefined') document.documentElement.lang = current;
}

export function t(key: Key, values: Values = {}): string {
  return render(current, key, values);
}

/** The words for a key that is made at run time from a value of the program; null where the catalogue has none. */
export function t_maybe(key: string, values: Values = {}): string | null {
  return key in en ? render(current, key, values) : null;
}

export function render(language_id: string, key: string, values: Values): string {
  const own = catalogues[language_id]?.[key];
  const entry = own ?? catalogues.en?.[key];
  if (entry === undefined) return key;
  const rules_of = own === undefined ? 'en' : language_id;
  const text = typeof entry === 'string' ? entry : plural(rules_of, entry, Number(values.count ?? 0));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number_words(language_id, value) : value;
  });
}

function plural(language_id: string, forms: Exclude<Entry, string>, count: number): string {
  const form = new Intl.PluralRules(language_id).select(count);
  return forms[form] ?? forms.other ?? '';
}

const number_formats = new Map<string, Intl.NumberFormat>();

function number_words(language_id: string, value: number): string {
  let format = number_formats.get(language_id);
  if (format === undefined) {
    format = new Intl.NumberFormat(language_id, { maximumFractionDigits: 2 });
    number_formats.set(language_id, format);
  }
  return format.format(value);
}
