/** Bundles in their versions, and what may be done with each. Pure. */
import type { ModelInfo } from '../../ipc';

export type Deed = 'activate' | 'retire' | 'roll_back';

/** Parts of a version that are numbers are compared as numbers; a pre-release comes before its release. */
export function compare_versions(a: string, b: string): number {
  const [[main_a, pre_a], [main_b, pre_b]] = [split(a), split(b)];
  for (let at = 0; at < Math.max(main_a.length, main_b.length); at += 1) {
    const by = compare_parts(main_a[at] ?? '0', main_b[at] ?? '0');
    if (by !== 0) return by;
  }
  if (pre_a === pre_b) return 0;
  if (pre_a === '' || pre_b === '') return pre_a === '' ? 1 : -1;
  return pre_a < pre_b ? -1 : 1;
}

function split(version: string): [string[], string] {
  const [main = '', ...pre] = version.replace(/^v/, '').split('-');
  return [main.split('.'), pre.join('-')];
}

function compare_parts(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isFinite(x) && Number.isFinite(y)) return Math.sign(x - y);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which bundle is looked at: the one that was chosen here, otherwise the version another screen asked for, otherwise the first. */
export function shown_of(
  models: readonly ModelInfo[],
  chosen: string,
  wanted: { name: string; version: string } | null,
): ModelInfo | null {
  const asked_for = (one: ModelInfo): boolean => one.name === wanted?.name && one.version === wanted.version;
  return models.find((one) => key_of(one) === chosen) ?? models.find(asked_for) ?? models[0] ?? null;
}

/** One version may lie here twice, as it came and installed once more. */
export const key_of = (model: ModelInfo): string => `${model.name}@${model.version ?? ''}@${model.origin}`;

/** Names in their order, each with its newest version first; what is in use stands before the rest. */
export function in_order(models: readonly ModelInfo[]): ModelInfo[] {
  const used = new Set(models.filter((one) => one.active).map((one) => one.name));
  return [...models].sort(
    (a, b) =>
      Number(used.has(b.name)) - Number(used.has(a.name)) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      compare_versions(b.version ?? '', a.version ?? ''),
  );
}

/** The version of the same bundle that is in use. */
export function active_of(models: readonly ModelInfo[], name: string): ModelInfo | null {
  return models.find((one) => one.name === name && one.active) ?? null;
}

/** What an activation fixes. A bundle that came without its signature is no more to be trusted for being activated. */
const mended_by_activation = ['bundle_not_activated', 'bundle_changed', 'bundle_older'];

export function deeds_for(models: readonly ModelInfo[], model: ModelInfo): Deed[] {
  if (model.version === null) return [];
  if (model.active)
    return model.problem !== null && mended_by_activation.includes(model.problem.code)
      ? ['activate', 'retire']
      : ['retire'];
  if (model.problem !== null) return [];
  const now = active_of(models, model.name)?.version ?? null;
  return [now !== null && compare_versions(model.version, now) < 0 ? 'roll_back' : 'activate'];
}

/** Whether a licence of the data keeps the model out of paid work. */
export function is_non_commercial(model: ModelInfo): boolean {
  const text = [...model.data_licences, model.data_licence_text ?? ''].join('\n');
  return /non-?\s?commercial|\bCC[ -]BY-NC\b|-NC-|-NC\b/i.test(text);
}
