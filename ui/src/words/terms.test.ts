import { expect, it } from 'vitest';
import { catalogues, type Entry } from './index.svelte';

/** One word for one thing in every language (src-tauri/docs/style.md); where English has it, the others have theirs. */
const terms = [
  { en: /\bfindings?\b/i, de: /auffälligkeit/i, hu: /eltérés/i },
  { en: /\blesions?\b/i, de: /läsion/i, hu: /elváltozás/i },
  { en: /\bpartly analysed\b/i, de: /\bteilweise analysiert\b/i, hu: /részben elemzett/i },
] as const;

/** The report's section of this name has a name of its own. */
const section = new Set(['report.section.findings', 'report.insert.done']);

const text = (entry: Entry | undefined): string =>
  entry === undefined ? '' : typeof entry === 'string' ? entry : Object.values(entry).join(' ');

it.each(terms.map((term) => [term.en.source, term] as const))('%s has one word in each language', (_, term) => {
  const wrong = Object.keys(catalogues.en ?? {}).filter((key) => {
    const has = (['en', 'de', 'hu'] as const).map((id) => term[id].test(text(catalogues[id]?.[key])));
    return has.some((one) => one !== has[0]) && !section.has(key);
  });
  expect(wrong).toEqual([]);
});

it.each(['de', 'hu'])('a date to be typed is written as %s writes it', (language) => {
  const entries = Object.entries(catalogues[language] ?? {});
  expect(entries.filter(([, entry]) => /\d{4}-\d{2}-\d{2}/.test(text(entry))).map(([key]) => key)).toEqual([]);
});
