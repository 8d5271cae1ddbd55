import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { actions_of_catalogue } from '../actions/catalogue';
import en from '../words/en.json';
import { as_failure, rule_of, rules } from './failures';

const rust = join(import.meta.dirname, '..', '..', '..', 'src-tauri');

function rust_files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (['target', 'libtorch', 'tests', 'tests.rs', 'xtask', 'cli', 'torch'].includes(name)) return [];
    if (statSync(path).isDirectory()) return rust_files(path);
    return name.endsWith('.rs') ? [readFileSync(path, 'utf8')] : [];
  });
}

/** Codes a room's error type turns into (`=> "disk_full"` under a code function) and those written where a failure is made. */
function codes(): string[] {
  const files = rust_files(rust);
  const made = files.flatMap((code) => [...code.matchAll(/Failure::new\(\s*"([a-z_]+)"/g)].map((match) => match[1] ?? ''));
  const mapped = files
    .filter((code) => /enum (DecodeCode|EngineCode|Error) /.test(code))
    .flatMap((code) => [...code.matchAll(/(?:Code|Error)::\w+[^=\n]*=> "([a-z_]+)"/g)].map((match) => match[1] ?? ''));
  return [...new Set([...made, ...mapped])].sort();
}

/** Codes of the command line's training, which no window starts. */
const not_for_the_window = ['training_failed', 'x', 'no'];

it('has a rule for every code of the program', () => {
  const all = codes();
  expect(all).toContain('wrong_passphrase');
  expect(all).toContain('limit_exceeded');
  expect(all).toContain('worker_died');
  expect(all.filter((code) => !Object.hasOwn(rules, code) && !not_for_the_window.includes(code))).toEqual([]);
});

it('says for each code what happened, and names remedies that exist', () => {
  const ids = actions_of_catalogue.map((action) => action.id);
  for (const rule of Object.values(rules)) {
    expect(en).toHaveProperty([rule.words]);
    if (rule.remedy !== null && rule.remedy !== 'retry') expect(ids).toContain(rule.remedy);
  }
});

it('has an answer for a code it does not know, also for names that every object has', () => {
  expect(rule_of('never_heard_of').words).toBe('failure.other');
  expect(rule_of('constructor').words).toBe('failure.other');
});

it('takes whatever was thrown', () => {
  expect(as_failure({ code: 'io', message: 'x' })).toEqual({ code: 'io', message: 'x' });
  expect(as_failure(new Error('boom'))).toEqual({ code: 'internal', message: 'boom' });
  expect(as_failure('text')).toEqual({ code: 'internal', message: 'text' });
  expect(as_failure(null)).toEqual({ code: 'internal', message: 'null' });
});
