import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogues, set_language, type Entry } from './index.svelte';
import { key_of_phrase, say, say_all } from './sentence';

const root = join(import.meta.dirname, '..', '..', '..');
const en = catalogues.en ?? {};

function rust_files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (['target', 'libtorch', 'tests', 'tests.rs', 'xtask'].includes(name)) return [];
    if (statSync(path).isDirectory()) return rust_files(path);
    return name.endsWith('.rs') ? [readFileSync(path, 'utf8').split('#[cfg(test)]')[0] ?? ''] : [];
  });
}

afterEach(() => set_language('en'));

describe('sentences of the program', () => {
  it('name objects without a picture, and the bundles, by phrases of the catalogue', () => {
    const table = readFileSync(join(root, 'src-tauri/crates/domain/src/sop_class.rs'), 'utf8');
    const rows = table.slice(table.indexOf('const WITHOUT_PICTURE'), table.indexOf('/// Whether objects'));
    const objects = [...rows.matchAll(/"([^"]*[a-z]{3}[^"]*)"/g)].map((match) => match[1] ?? '');
    expect(objects.length).toBeGreaterThan(60);
    const bundles = readdirSync(join(root, 'models')).flatMap((name) => {
      const path = join(root, 'models', name, 'metadata.json');
      // What is no bundle lies there too: the predictions of folds.
      if (!existsSync(path)) return [];
      const { input } = JSON.parse(readFileSync(path, 'utf8')) as { input: { description: string } };
      return input.description.split('; ');
    });
    expect(bundles.length).toBeGreaterThan(3);
    const phrases = [...objects, ...bundles, 'not a valid code'];
    expect(phrases.filter((words) => en[`phrase.${key_of_phrase(words)}`] !== words)).toEqual([]);
    const keys = new Set(phrases.map((words) => `phrase.${key_of_phrase(words)}`));
    expect(Object.keys(en).filter((key) => key.startsWith('phrase.') && !keys.has(key))).toEqual([]);
  });

  const refusal = {
    words: 'English of the program',
    coded: {
      code: 'gate.modality',
      values: {
        made_for: 'axial FLAIR MR slices of the head; something of an own bundle',
        found: 'CT',
        accepted: 'MR / XY',
      },
    },
  };

  it('are said in the language of the interface, with what is not known left as it is', () => {
    set_language('de');
    expect(say(refusal)).toBe(
      'dieses Modell wurde für axiale FLAIR-MR-Schichten des Kopfes; something of an own bundle gemacht; die Modalität der Datei ist CT, nicht MR / XY',
    );
    set_language('hu');
    expect(say({ words: '', coded: { code: 'gate.age', values: { made_for: 'x', count: 54 } } })).toBe(
      'ez a modell erre készült: x; a beteg 54 éves',
    );
    const cores = { words: '', coded: { code: 'device.processor', values: { count: 2 } } };
    set_language('en');
    expect(say_all([cores, { words: 'And more.', coded: null }])).toBe(
      'Analyses run on the processor (2 cores). And more.',
    );
  });

  it('show days, ages and codes of a header as every other place of the interface does', () => {
    const sentence = (code: string, values: Record<string, string>): string =>
      say({ words: '', coded: { code, values } });
    const told = [
      ['gate.stated', { user: 'admin', day: '2026-11-30', what: 'T1 + contrast, 45 y, PA' }],
      ['gate.stated_contradiction', { stated: '45 years', found: '0.5 years' }],
      ['import.stated', { what: 'other, 1 y' }],
      ['doubt.born_after_study', { born: '1980-12-31', date: '1979-01-02' }],
      ['doubt.age_and_dates', { age: '034Y', years: '44' }],
      ['gate.photometric', { made_for: 'x', found: 'RGB', accepted: 'MONOCHROME1 / MONOCHROME2' }],
      ['gate.photometric', { made_for: 'x', found: 'OTHER', accepted: 'RGB' }],
    ] as const;
    const all = (language: string): string[] => {
      set_language(language);
      return told.map(([code, values]) => sentence(code, values));
    };
    expect(all('de')).toEqual([
      'admin gab am 30. Nov. 2026 an: T1 mit Kontrastmittel, 45 Jahre, PA',
      'angegeben wurde 45 Jahre, der Header sagt 0,5 Jahre: berichtigen Sie die Angabe',
      'was die Datei nicht sagt, wurde angegeben: andere, 1 Jahr',
      "Patient's Birth Date 31. Dez. 1980 liegt nach Study Date 02. Jan. 1979",
      "Patient's Age 34 Jahre passt nicht zu den Daten, nach denen der Patient bei der Untersuchung 44 Jahre alt war",
      'dieses Modell wurde für x gemacht; die Bildpunkte der Datei sind Farbe, nicht Graustufen, invertiert (niedrige Werte sind weiß) / Graustufen',
      'dieses Modell wurde für x gemacht; die Bildpunkte der Datei sind OTHER, nicht Farbe',
    ]);
    expect(all('hu')[0]).toBe('admin megadta (2026. nov. 30.): Kontrasztanyagos T1, 45 éves, PA');
    expect(all('en')[0]).toBe('admin stated on 30 Nov 2026: T1 with contrast agent, 45 years, PA');
    // A date that is none is told as the file wrote it.
    expect(sentence('file.no_date', { field: 'Study Date', value: '2026-02-03' })).toContain("'2026-02-03'");
    expect(sentence('doubt.no_age', { age: '54' })).toContain("'54'");
  });

  it('stay English where they were kept without a code, or with one of another version', () => {
    set_language('hu');
    expect(say({ ...refusal, coded: null })).toBe('English of the program');
    expect(say({ ...refusal, coded: { ...refusal.coded, code: 'gate.of_the_future' } })).toBe('English of the program');
  });

  it('ask for no value that the program does not give', () => {
    const forms = (entry: Entry | undefined): string[] =>
      entry === undefined ? [] : typeof entry === 'string' ? [entry] : Object.values(entry);
    const given = new Map<string, Set<string>>();
    const declared = readFileSync(join(root, 'src-tauri/crates/domain/src/sentence/code.rs'), 'utf8');
    const code_of = new Map(
      [...declared.matchAll(/(\w+) = "([\w.]+)"/g)].map((match) => [match[1], match[2]] as const),
    );
    for (const code of rust_files(join(root, 'src-tauri'))) {
      for (const match of code.matchAll(/Sentence::new\(\s*SentenceCode::(\w+)/g)) {
        // The values stand in the call or just before it.
        const near = code.slice(Math.max(0, match.index - 500), match.index + 300);
        const names = [...near.matchAll(/\("(\w+)", /g)].map((one) => one[1] ?? '');
        given.set(
          code_of.get(match[1] ?? '') ?? '',
          new Set([...names, ...(near.includes('made_for_value') ? ['made_for'] : [])]),
        );
      }
    }
    const wrong = [...given].flatMap(([code, names]) =>
      forms(en[`sentence.${code}`]).flatMap((form) =>
        [...form.matchAll(/\{(\w+)\}/g)]
          .map((one) => one[1] ?? '')
          .filter((name) => !names.has(name))
          .map((name) => `${code}: ${name}`),
      ),
    );
    expect(wrong).toEqual([]);
    // Every sentence is made somewhere.
    expect([...given.keys()].sort()).toEqual([...code_of.values()].sort());
  });
});
