import { describe, expect, it } from 'vitest';
import type { ModelInfo } from '../../ipc';
import { key_of, shown_of, use_note } from './bundles';

const bundle = (name: string, version: string | null, part: Partial<ModelInfo> = {}): ModelInfo => ({
  name,
  version,
  title: null,
  ok: true,
  problem: null,
  signed: false,
  says: null,
  active: false,
  deeds: [],
  origin: 'installed',
  weights_sha256: null,
  manifest_sha256: null,
  activated_manifest_sha256: null,
  prevalence: null,
  intended_use: null,
  operating_points: [],
  data_licences: [],
  commercial_use: 'allowed',
  card: null,
  data_licence_text: null,
  figures: [],
  history: [],
  ...part,
});

describe('bundles', () => {
  it('shows the version another screen asked for until one is chosen here', () => {
    const models = [bundle('b', '0.10.0'), bundle('b', '0.9.0'), bundle('a', '0.9.0')];
    expect(shown_of(models, '', null)?.version).toBe('0.10.0');
    expect(shown_of(models, '', { name: 'b', version: '0.9.0' })).toBe(models[1]);
    expect(shown_of(models, 'a@0.9.0@installed', { name: 'b', version: '0.9.0' })).toBe(models[2]);
    expect(shown_of(models, '', { name: 'gone', version: '1' })).toBe(models[0]);
  });

  it('warns of what may not be used commercially, and of what does not say it', () => {
    const note = (commercial_use: ModelInfo['commercial_use'], ok = true): string | null =>
      use_note(bundle('a', '1', { commercial_use, ok }));
    expect([note('allowed'), note('not_allowed'), note('not_stated')]).toEqual([
      null,
      'models.non_commercial',
      'models.use_not_stated',
    ]);
    expect(note('not_stated', false)).toBeNull();
  });
});

describe('keys of a list', () => {
  it('differ also where one version came with the program and was installed once more', () => {
    const keys = [
      bundle('a', '1.0.0'),
      bundle('a', '1.0.0', { origin: 'shipped' }),
      bundle('a', null, { ok: false }),
      bundle('a', null, { ok: false, origin: 'shipped' }),
    ].map(key_of);
    expect(new Set(keys).size).toBe(4);
  });
});
