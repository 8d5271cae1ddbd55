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

/** Whether a licence of the data keeps the model out of paid work. */
export function is_non_commercial(model: ModelInfo): boolean {
  const text = [...model.data_licences, model.data_licence_text ?? ''].join('\n');
  return /non-?\s?commercial|\bCC[ -]BY-NC\b|-NC-|-NC\b/i.test(text);
}
