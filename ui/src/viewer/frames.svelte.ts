/** The frames of the viewer: one store for all tiles, within the budget of the settings. */
import { host } from '../ipc';
import { memory } from '../state/memory.svelte';
import { on_leave } from '../state/session.svelte';
import { settings } from '../state/settings.svelte';
import { frame_bytes, parse_frame, type Frame } from './frame';
import { FrameLoader } from './frame_loader';
import { FrameStore } from './frame_store';

const megabyte = 1_000_000;
const hint_after_ms = 120;
const most_hinted = 32;

class Frames {
  readonly #evicted = new Set<(id: string) => void>();
  readonly #store = new FrameStore<Frame>(settings.now.memory_budget_mb * megabyte, (id) => {
    for (const listener of this.#evicted) listener(id);
  });
  readonly #loader = new FrameLoader<Frame>(this.#store, fetch_frame, frame_bytes, () => this.#tell());
  #hint: ReturnType<typeof setTimeout> | undefined;

  get budget_bytes(): number {
    return this.#store.budget_bytes;
  }

  /** Call it whenever the settings change. */
  set_budget(megabytes: number): void {
    this.#store.budget_bytes = megabytes * megabyte;
    this.#tell();
  }

  on_evicted(listener: (id: string) => void): void {
    this.#evicted.add(listener);
  }

  ready(id: string): Frame | undefined {
    return this.#loader.ready(id);
  }

  has(id: string): boolean {
    return this.#store.has(id);
  }

  load(id: string): Promise<Frame> {
    return this.#loader.load(id);
  }

  pin(ids: Iterable<string>): void {
    this.#store.pin(ids);
  }

  /** Fetched ahead in this order; the program is told too, so that it decodes before it is asked. */
  plan(ids: readonly string[]): void {
    this.#loader.plan(ids);
    clearTimeout(this.#hint);
    const missing = ids.filter((id) => !this.#store.has(id)).map((id) => parts(id).sop);
    const instances = [...new Set(missing)].slice(0, most_hinted);
    if (instances.length === 0) return;
    // A hint that fails costs nothing: the frame itself is asked for later and says why.
    this.#hint = setTimeout(
      () =>
        void host()
          .prefetch(instances)
          .catch(() => {}),
      hint_after_ms,
    );
  }

  /** When the vault is locked: nothing of a patient stays. */
  clear(): void {
    clearTimeout(this.#hint);
    this.#loader.plan([]);
    this.#loader.forget_failures();
    this.#store.pin([]);
    this.#store.clear();
    this.#tell();
  }

  #tell(): void {
    memory.used_bytes = this.#store.used_bytes;
    memory.frames = this.#store.count;
  }
}

function parts(id: string): { sop: string; frame: number } {
  const slash = id.lastIndexOf('/');
  return { sop: id.slice(id.indexOf(':') + 1, slash), frame: Number(id.slice(slash + 1)) };
}

async function fetch_frame(id: string): Promise<Frame> {
  const { sop, frame } = parts(id);
  return parse_frame(await host().frame(sop, frame));
}

export const frames = new Frames();
on_leave(() => frames.clear());
