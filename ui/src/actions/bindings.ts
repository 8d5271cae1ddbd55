/** Which keys belong to which action: the profile's, replaced by the person's own. Pure. */
import { actions_of_catalogue, type Action, type Profile, type Scope } from './catalogue';
import { normalise } from './keys';

export type Bindings = ReadonlyMap<string, readonly string[]>;
export type Conflict = { keys: string; actions: readonly string[] };

export function profile_keys(action: Action, profile: string): readonly string[] {
  const name = profile as Profile;
  const keys = name === 'ohif' ? action.ohif : name === 'weasis' ? action.weasis : undefined;
  return (keys ?? action.keys).map(normalise);
}

export function bindings(profile: string, own: Readonly<Record<string, readonly string[]>>): Bindings {
  return new Map(
    actions_of_catalogue.map((action) => [action.id, own[action.id]?.map(normalise) ?? profile_keys(action, profile)]),
  );
}

export function overlap(a: Scope, b: Scope): boolean {
  return a === b || a === 'everywhere' || b === 'everywhere';
}

/** Combinations that more than one action of the same place answers to, in the order of the catalogue. */
export function conflicts(bound: Bindings): Conflict[] {
  const found = new Map<string, Set<string>>();
  actions_of_catalogue.forEach((first, index) => {
    for (const second of actions_of_catalogue.slice(index + 1)) {
      if (!overlap(first.scope, second.scope)) continue;
      for (const keys of bound.get(first.id) ?? []) {
        if (!(bound.get(second.id) ?? []).includes(keys)) continue;
        const actions = found.get(keys) ?? new Set();
        found.set(keys, actions.add(first.id).add(second.id));
      }
    }
  });
  return [...found].map(([keys, actions]) => ({ keys, actions: [...actions] }));
}

/** Actions that answer to `keys` where `scope` is on screen: the place's own before those of everywhere. */
export function actions_for(keys: string, bound: Bindings): Action[] {
  const wanted = normalise(keys);
  const found = actions_of_catalogue.filter((action) => bound.get(action.id)?.includes(wanted));
  return found.sort((a, b) => Number(a.scope === 'everywhere') - Number(b.scope === 'everywhere'));
}
