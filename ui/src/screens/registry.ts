/**
 * A screen is a folder with a `screen.ts` whose default export says what it is. Adding a folder adds the screen:
 * to the rail, to the command list (`screen.<id>` in actions/catalogue.ts) and to the tests that visit every screen.
 */
import type { Component } from 'svelte';
import type { Icon } from '../look/icon';
import type { Key } from '../words/index.svelte';

type Shown = {
  id: string;
  title: Key;
  icon: Icon;
  /** order in the rail, from the top */
  order: number;
  /** `foot` stands at the lower end of the rail, `hidden` not in it */
  place: 'rail' | 'foot' | 'hidden';
};
/** A screen of one study is created for each study and gets its UID. */
export type Screen = Shown &
  (
    | {
        needs_study: false;
        load: () => Promise<{
          default: Component;
          /** asks for what it will show, while it is being made */ ahead?: () => void;
        }>;
      }
    | { needs_study: true; load: () => Promise<{ default: Component<{ study: string }> }> }
  );

const found = import.meta.glob<{ default: Screen }>(['./*/screen.ts', '../reading/screen.ts'], { eager: true });

export const screens: readonly Screen[] = Object.values(found)
  .map((module) => module.default)
  .sort((a, b) => a.order - b.order);

/** Reads the viewer in, which is large and holds the page up while it comes: to be called when nobody waits. */
export function read_in_viewer(): void {
  for (const one of screens) if (one.needs_study) one.load().catch(() => undefined); // told where the screen is opened
}

export function screen_of(id: string): Screen | undefined {
  return screens.find((screen) => screen.id === id);
}
