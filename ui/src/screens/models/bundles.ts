/** Which bundle is looked at, and how each is named. Pure. */
import type { ModelInfo } from '../../ipc';

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

/** The version of the same bundle that is in use. */
export function active_of(models: readonly ModelInfo[], name: string): ModelInfo | null {
  return models.find((one) => one.name === name && one.active) ?? null;
}

/** What is to be told of paid work before a bundle is activated; null where its licences allow it, or it is damaged. */
export const use_note = (model: ModelInfo): 'models.non_commercial' | 'models.use_not_stated' | null =>
  !model.ok || model.commercial_use === 'allowed'
    ? null
    : model.commercial_use === 'not_allowed'
      ? 'models.non_commercial'
      : 'models.use_not_stated';
