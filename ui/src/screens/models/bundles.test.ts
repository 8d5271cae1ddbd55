import { describe, expect, it } from 'vitest';
import type { FailureCode, ModelInfo } from '../../ipc';
import { compare_versions, deeds_for, in_order, is_non_commercial, key_of, shown_of } from './bundles';

const bundle = (name: string, version: string | null, part: Partial<ModelInfo> = {}): ModelInfo => ({
  name,
  version,
  title: null,
  ok: true,
  problem: null,
  signed: false,
  says: null,
  active: false,
  origin: 'installed',
  weights_sha256: null,
  manifest_sha256: null,
  activated_manifest_sha256: null,
  intended_use: null,
  operating_points: [],
  data_licences: [],
  card: null,
  data_licence_text: null,
  figures: [],
  history: [],
  ...part,
});

describe('bundles', () => {
  it('compares versions by their numbers, a pre-release before its release', () => {
    const sorted = ['0.10.0', '0.2.0', '0.2.0-rc1', '1.0', '0.2'].sort(compare_versions);
    expect(sorted).toEqual(['0.2.0-rc1', '0.2.0', '0.2', '0.10.0', '1.0']);
  });

  it('lists what is in use first and the newest version of each first', () => {
    const models = [
      bundle('a', '1.0.0'),
      bundle('b', '0.9.0'),
      bundle('b', '0.10.0', { active: true }),
      bundle('c', null, { ok: false }),
    ];
    expect(in_order(models).map((one) => `${one.name} ${one.version ?? '-'}`)).toEqual([
      'b 0.10.0',
      'b 0.9.0',
      'a 1.0.0',
      'c -',
    ]);
  });

  it('shows the version another screen asked for until one is chosen here', () => {
    const models = [bundle('b', '0.10.0'), bundle('b', '0.9.0'), bundle('a', '0.9.0')];
    expect(shown_of(models, '', null)?.version).toBe('0.10.0');
    expect(shown_of(models, '', { name: 'b', version: '0.9.0' })).toBe(models[1]);
    expect(shown_of(models, 'a@0.9.0@installed', { name: 'b', version: '0.9.0' })).toBe(models[2]);
    expect(shown_of(models, '', { name: 'gone', version: '1' })).toBe(models[0]);
  });

  it('offers to retire what is in use, to roll back to what is older, and nothing for what is damaged', () => {
    const damaged: Partial<ModelInfo> = { ok: false, problem: { code: 'bundle_damaged', message: '' } };
    const models = [
      bundle('b', '0.9.0'),
      bundle('b', '0.10.0', { active: true }),
      bundle('b', '0.11.0'),
      bundle('b', '0.12.0', damaged),
      bundle('c', null, damaged),
      bundle('d', '1.0.0'),
    ];
    expect(models.map((one) => deeds_for(models, one))).toEqual([
      ['roll_back'],
      ['retire'],
      ['activate'],
      [],
      [],
      ['activate'],
    ]);
  });

  it('offers a new activation for what was activated otherwise than it is now, and none for what lacks its signature', () => {
    const deeds = (active: boolean, code: FailureCode): string[] => {
      const model = bundle('b', '1.0.0', { active, problem: { code, message: '' } });
      return deeds_for([model], model);
    };
    for (const code of ['bundle_not_activated', 'bundle_changed', 'bundle_older'] as const)
      expect(deeds(true, code)).toEqual(['activate', 'retire']);
    expect(deeds(true, 'bundle_unsigned')).toEqual(['retire']);
    expect(deeds(false, 'bundle_unsigned')).toEqual([]);
  });

  it('sees a non-commercial licence in its name and in its words', () => {
    expect(is_non_commercial(bundle('a', '1', { data_licences: ['images CC BY 3.0; masks CC BY-NC-SA 4.0'] }))).toBe(
      true,
    );
    expect(is_non_commercial(bundle('a', '1', { data_licence_text: 'for noncommercial use' }))).toBe(true);
    expect(is_non_commercial(bundle('a', '1', { data_licences: ['CC BY 4.0', 'CC0', 'Licence-Null'] }))).toBe(false);
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
