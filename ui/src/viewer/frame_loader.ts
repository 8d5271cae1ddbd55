/**
 * Fetches frames: what a person waits for at once, what may come next two at a time and in the order of the last plan.
 * A request under way cannot be called back; one that still waits is dropped when the plan changes.
 */
import type { FrameStore } from './frame_store';

export type Sizes<T> = (value: T) => number;
type Fetch<T> = (key: string) => Promise<T>;

const planned_lanes = 2;

export class FrameLoader<T> {
  readonly #store: FrameStore<T>;
  readonly #fetch: Fetch<T>;
  readonly #bytes: Sizes<T>;
  #under_way = new Map<string, Promise<T>>();
  #urgent = 0;
  #plan: string[] = [];
  #failed = new Set<string>();
  #arrived: (key: string) => void;

  constructor(store: FrameStore<T>, fetch: Fetch<T>, bytes: Sizes<T>, arrived: (key: string) => void = () => {}) {
    this.#store = store;
    this.#fetch = fetch;
    this.#bytes = bytes;
    this.#arrived = arrived;
  }

  ready(key: string): T | undefined {
    return this.#store.get(key);
  }

  /** For what is on the screen: ahead of every plan. */
  async load(key: string): Promise<T> {
    const kept = this.#store.get(key);
    if (kept !== undefined) return kept;
    this.#urgent += 1;
    try {
      return await this.#get(key);
    } finally {
      this.#urgent -= 1;
      this.#go_on();
    }
  }

  /** Replaces what is fetched ahead; keys that are kept, under way or failed before cost nothing. */
  plan(keys: readonly string[]): void {
    this.#plan = [...keys];
    this.#go_on();
  }

  /** A frame that failed is asked for again only when a person wants it. */
  forget_failures(): void {
    this.#failed.clear();
  }

  #go_on(): void {
    while (this.#urgent === 0 && this.#under_way.size < planned_lanes && this.#plan.length > 0) {
      const key = this.#plan.shift();
      if (key === undefined || this.#store.has(key) || this.#under_way.has(key) || this.#failed.has(key)) continue;
      this.#get(key).then(
        () => this.#go_on(),
        () => this.#go_on(),
      );
    }
  }

  #get(key: string): Promise<T> {
    const running = this.#under_way.get(key);
    if (running !== undefined) return running;
    const started = this.#fetch(key).then(
      (value) => {
        this.#under_way.delete(key);
        this.#failed.delete(key);
        this.#store.put(key, value, this.#bytes(value));
        this.#arrived(key);
        return value;
      },
      (failure: unknown) => {
        this.#under_way.delete(key);
        this.#failed.add(key);
        throw failure;
      },
    );
    this.#under_way.set(key, started);
    return started;
  }
}
