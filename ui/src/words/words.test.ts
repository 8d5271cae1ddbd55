import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions_of_catalogue } from '../actions/catalogue';
import { catalogues, render, type Entry } from './index.svelte';

const src = join(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|svelte)$/.test(name) && !/\.test\.ts$/.test(name) ? [path] : [];
  });
}

const text = sources(src).map((path) => readFileSync(path, 'utf8'));
const en = catalogues.en ?? {};
const keys = Object.keys(en);
const values = (entry: Entry): string[] => {
  const forms = typeof entry === 'string' ? [entry] : Object.values(entry);
  return [...new Set(forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')))].sort();
};

describe('the catalogue of words', () => {
  it('has every key that is asked for', () => {
    const asked = new Set(
      text.flatMap((code) => [...code.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((match) => match[1] ?? '')),
    );
    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((key) => !(key in en))).toEqual([]);
  });

  it('has no sentence of more than 25 words, in any language', () => {
    const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
    const long = Object.entries(catalogues).flatMap(([language, catalogue]) =>
      Object.entries(catalogue).flatMap(([key, entry]) =>
        forms(entry)
          .flatMap((form) => form.split(/(?<=[.!?])\s+/))
          .filter((sentence) => sentence.split(/\s+/).length > 25)
          .map((sentence) => `${language} ${key}: ${sentence}`),
      ),
    );
    expect(long).toEqual([]);
  });

  it('has words for every action', () => {
    expect(actions_of_catalogue.map((action) => `action.${action.id}`).filter((key) => !(key in en))).toEqual([]);
  });

  it('has no key that nobody asks for', () => {
    const quoted = new Set(
      text.flatMap((code) => [...code.matchAll(/['"]([a-z_]+(?:\.[\w]+)+)['"]/g)].map((match) => match[1] ?? '')),
    );
    const prefixes = text.flatMap((code) =>
      [...code.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((match) => match[1] ?? ''),
    );
    expect(keys.filter((key) => !quoted.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)))).toEqual([]);
  });

  it('is sorted, so that two people who add words do not meet', () => {
    expect(keys).toEqual([...keys].sort());
  });

  it.each(['hu', 'de'])('has the same keys with the same values in %s', (language) => {
    const other = catalogues[language] ?? {};
    if (Object.keys(other).length === 0) {
      console.warn(`skipped: ${language}.json is still empty`);
      return;
    }
    expect(Object.keys(other).sort()).toEqual(keys);
    const wrong = keys.filter((key) => values(other[key] ?? '').join() !== values(en[key] ?? '').join());
    expect(wrong).toEqual([]);
  });

  it('leaves no value unfilled and picks plural forms by the rules of the language', () => {
    expect(render('en', 'worklist.count', { count: 1 })).toBe('1 study');
    expect(render('en', 'worklist.count', { count: 100000 })).toBe('100,000 studies');
  });
});
