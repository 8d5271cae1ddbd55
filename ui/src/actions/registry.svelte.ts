/** Runs actions by name. Menus, buttons, keys and the command list all come here. */
import { settings } from '../state/settings.svelte';
import { t, type Key } from '../words/index.svelte';
import { actions_for, bindings } from './bindings';
import { actions_of_catalogue, type Action } from './catalogue';
import { combination, shown } from './keys';

type Deed = { run: () => void; when: () => boolean };

class Actions {
  /** the last that attached itself answers; when it leaves, the one before does again */
  #deeds = $state.raw<ReadonlyMap<string, readonly Deed[]>>(new Map());
  #bound = $derived(bindings(settings.now.shortcut_profile, settings.now.shortcuts));
  /** while a key is being recorded, keys do nothing else */
  paused = $state(false);

  /** Attaches deeds; the answer takes them away again. Give it to `$effect` or `onMount`. */
  attach(deeds: Readonly<Record<string, (() => void) | Deed>>): () => void {
    const added = Object.entries(deeds).map(
      ([id, deed]) => [id, typeof deed === 'function' ? { run: deed, when: () => true } : deed] as const,
    );
    const next = new Map(this.#deeds);
    for (const [id, deed] of added) next.set(id, [...(next.get(id) ?? []), deed]);
    this.#deeds = next;
    return () => {
      const left = new Map(this.#deeds);
      for (const [id, deed] of added)
        left.set(
          id,
          (left.get(id) ?? []).filter((other) => other !== deed),
        );
      this.#deeds = left;
    };
  }

  available(id: string): boolean {
    return this.#deeds.get(id)?.at(-1)?.when() ?? false;
  }

  run(id: string): boolean {
    const deed = this.#deeds.get(id)?.at(-1);
    if (deed === undefined || !deed.when()) return false;
    deed.run();
    return true;
  }

  title(id: string): string {
    return t(`action.${id}` as Key);
  }

  keys(id: string): readonly string[] {
    return this.#bound.get(id) ?? [];
  }

  /** The first key of an action as it is shown; empty where it has none. */
  keys_shown(id: string): string {
    const first = this.keys(id)[0];
    return first === undefined ? '' : shown(first);
  }

  list(): readonly Action[] {
    return actions_of_catalogue;
  }

  /** Answers whether the key belonged to an action that could run. */
  press(event: KeyboardEvent): boolean {
    if (this.paused || event.defaultPrevented || event.isComposing) return false;
    const keys = combination(event);
    // Enter and Space on a button or a link are its own
    if ((keys === 'Enter' || keys === 'Space') && is_pressable(event.target)) return false;
    if (keys === null || (is_typing(event.target) && !leaves_typing(keys))) return false;
    if (document.querySelector('dialog[open]') !== null && keys !== 'F11') return false;
    return actions_for(keys, this.#bound).some((action) => this.run(action.id));
  }
}

/** Whether plain keys are text for the element that has the focus. */
export function is_typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

function is_pressable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('button, a[href], summary, [role="button"], [role="menuitem"], [role="tab"], input, select') !== null
  );
}

/** In a text field only combinations that write no text and edit no text are actions. */
function leaves_typing(keys: string): boolean {
  if (['Ctrl+a', 'Ctrl+c', 'Ctrl+v', 'Ctrl+x', 'Ctrl+z', 'Ctrl+y', 'Ctrl+Shift+z'].includes(keys)) return false;
  if (/^Ctrl\+(Shift\+)?(Arrow|Home|End|Backspace|Delete)/.test(keys)) return false;
  return keys.startsWith('Ctrl+') || /^F\d+$/.test(keys);
}

export const actions = new Actions();
