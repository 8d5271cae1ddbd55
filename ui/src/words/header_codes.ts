/** Codes that a file's header holds, in the words of the interface. */
import type { Photometric, Sex } from '../ipc';
import { t, type Key } from './index.svelte';

const sex_keys: Readonly<Record<Sex, Key>> = { F: 'sex.F', M: 'sex.M', O: 'sex.O' };

/** Every sex of the standard, as a choice. */
export const sexes = Object.entries(sex_keys).map(([id, words]) => ({ id: id as Sex, words }));

/** Nothing where the file says nothing; what is no code of the standard stands beside the word for unknown. */
export function sex_words(code: string | null): string {
  const plain = code?.trim() ?? '';
  if (plain === '') return '';
  const known = sexes.find((one) => one.id === plain);
  return known === undefined ? t('sex.unknown', { code: plain }) : t(known.words);
}

const photometric_keys: Readonly<Record<Photometric, Key>> = {
  MONOCHROME1: 'photometric.grey_inverted',
  MONOCHROME2: 'photometric.grey',
  'PALETTE COLOR': 'photometric.palette',
  RGB: 'photometric.colour',
  HSV: 'photometric.colour',
  ARGB: 'photometric.colour',
  CMYK: 'photometric.colour',
  YBR_FULL: 'photometric.colour',
  YBR_FULL_422: 'photometric.colour',
  YBR_PARTIAL_422: 'photometric.colour',
  YBR_PARTIAL_420: 'photometric.colour',
  YBR_ICT: 'photometric.colour',
  YBR_RCT: 'photometric.colour',
  XYB: 'photometric.colour',
};

/** One code, or several with ` / ` between them; each word once, and what is no code of the standard as it stands. */
export function photometric_words(codes: string): string {
  const known = new Map<string, Key>(Object.entries(photometric_keys));
  const words = codes.split(' / ').map((code) => {
    const key = known.get(code);
    return key === undefined ? code : t(key);
  });
  return [...new Set(words)].join(' / ');
}
