/** Sentences that the program makes, in the language of the interface; in the program's English where their code is not known. */
import type { Sentence, SentenceCode } from '../ipc';
import { age_in_years, dicom_age, iso_date } from './format';
import { photometric_words } from './header_codes';
import { t, t_maybe, type Key, type Values } from './index.svelte';

type Made = `sentence.${SentenceCode}`;
type Worded = Extract<Key, `sentence.${string}`>;
type Apart = Exclude<Made, Worded> | Exclude<Worded, Made>;
/** Does not compile where a sentence of the program has no words, or words stand for none: the error names them. */
export const every_sentence_has_words: [Apart] extends [never] ? true : Apart = true;

export function say(sentence: Sentence): string {
  if (sentence.coded === null) return sentence.words;
  const values: Values = {};
  const { code } = sentence.coded;
  for (const [name, value] of Object.entries(sentence.coded.values))
    values[name] = typeof value === 'string' ? (said.get(`${code}.${name}`) ?? said.get(name) ?? phrase)(value) : value;
  return t_maybe(`sentence.${sentence.coded.code}`, values) ?? sentence.words;
}

export const say_all = (sentences: readonly Sentence[]): string => sentences.map(say).join(' ');

/** What a person stated of images: sequence, age and view, as they are kept (`FLAIR, 45 y, PA`). */
function stated(value: string): string {
  return value
    .split(', ')
    .map((part) => {
      const years = /^(\d+(?:\.\d+)?) y(?:ears)?$/.exec(part)?.[1];
      if (years !== undefined) return age_in_years(Number(years));
      if (part === 'T1 + contrast') return t('reading.statement.sequence.t1c');
      return part === 'other' ? t('reading.statement.sequence.other') : part;
    })
    .join(', ');
}

/** Values that are no phrases, by their name or by sentence and name: days, ages and codes of a header. */
const said = new Map<string, (value: string) => string>([
  ['age', dicom_age],
  ['born', iso_date],
  ['date', iso_date],
  ['day', iso_date],
  ['gate.photometric.accepted', photometric_words],
  ['gate.photometric.found', photometric_words],
  ['gate.stated.what', stated],
  ['gate.stated_contradiction.found', stated],
  ['gate.stated_contradiction.stated', stated],
  ['import.stated.what', stated],
]);

/** What stands in a sentence may be a phrase of the program or of a bundle, or several; a code or a name stays as it is. */
function phrase(value: string): string {
  return value
    .split('; ')
    .map((part) => t_maybe(`phrase.${key_of_phrase(part)}`) ?? part)
    .join('; ');
}

/** The phrase is its own key, so that neither the program nor a bundle has to know the catalogue. */
export const key_of_phrase = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
