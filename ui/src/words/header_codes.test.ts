import { afterEach, expect, it } from 'vitest';
import { photometric_words, sex_words, sexes } from './header_codes';
import { set_language } from './index.svelte';

afterEach(() => set_language('en'));

it.each([
  ['en', 'male', 'female', 'other', 'sex unknown (X)'],
  ['de', 'männlich', 'weiblich', 'divers', 'Geschlecht unbekannt (X)'],
  ['hu', 'férfi', 'nő', 'egyéb', 'ismeretlen nem (X)'],
])('a sex is shown in words in %s, and what is no code as unknown', (language, male, female, other, unknown) => {
  set_language(language);
  expect(['M', 'F', 'O', 'X'].map(sex_words)).toEqual([male, female, other, unknown]);
  expect([sex_words(' M '), sex_words('m'), sex_words(''), sex_words(null)]).toEqual([
    male,
    unknown.replace('X', 'm'),
    '',
    '',
  ]);
  expect(sexes.map((one) => one.id)).toEqual(['F', 'M', 'O']);
});

it('a photometric interpretation is shown in words, each once, and another text as it stands', () => {
  expect(photometric_words('MONOCHROME2')).toBe('grey');
  expect(photometric_words('RGB / YBR_FULL_422 / MONOCHROME2')).toBe('colour / grey');
  expect(photometric_words('CONSTRUCTOR')).toBe('CONSTRUCTOR');
});
