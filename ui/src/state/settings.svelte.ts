/** The person's settings: what the program last stored, changed here at once and stored behind. */
import { host, type Settings } from '../ipc';
import { set_language } from '../words/index.svelte';
import { defaults } from './defaults';
import { notices } from './notices.svelte';

class SettingsState {
  now = $state.raw<Settings>(defaults);
  #storing: Promise<unknown> = Promise.resolve();

  /** What the program says; nothing is stored. */
  take(settings: Settings): void {
    this.now = settings;
    set_language(settings.language);
    if (typeof document !== 'undefined')
      document.documentElement.dataset.theme = settings.theme === 'light' ? 'light' : 'dark';
  }

  /** Shown at once, stored in the order of the changes; what the program refuses is taken back and told. */
  change(part: Partial<Settings>): Promise<void> {
    const before = this.now;
    this.take({ ...before, ...part });
    const stored = this.#storing.then(async () => {
      try {
        await host().save_settings(this.now);
      } catch (failure) {
        this.take({ ...this.now, ...pick(before, part) });
        notices.fail(failure);
      }
    });
    this.#storing = stored;
    return stored;
  }
}

function pick(from: Settings, like: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.keys(like).map((key) => [key, from[key as keyof Settings]]));
}

export const settings = new SettingsState();
