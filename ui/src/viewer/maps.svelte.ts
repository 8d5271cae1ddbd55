/** The maps of the frames on the screen: fetched when they show, kept sparse, and few of them. */
import { host } from '../ipc';
import { as_failure } from '../state/failures';
import { on_leave } from '../state/session.svelte';
import { map_bytes, parse_map, type AnomalyMap } from './anomaly_map';
import { FrameStore } from './frame_store';
import type { Slice } from './stack';

const budget_bytes = 32_000_000;

class Maps {
  /** counts arrivals; reading it makes the reader wait for the next one */
  arrivals = $state(0);
  readonly #store = new FrameStore<AnomalyMap | null>(budget_bytes);
  #asked = new Set<string>();

  /** undefined while it is on its way; null where the frame has none */
  of(slice: Slice): AnomalyMap | null | undefined {
    void this.arrivals;
    return this.#store.get(slice.id);
  }

  want(slice: Slice): void {
    if (this.#store.has(slice.id) || this.#asked.has(slice.id)) return;
    this.#asked.add(slice.id);
    host()
      .anomaly_map(slice.instance.sop_instance_uid, slice.frame)
      .then(parse_map)
      .then((map) => this.#store.put(slice.id, map, map_bytes(map)))
      .catch((thrown: unknown) => {
        // No map is an answer; anything else may go better the next time the frame shows.
        if (as_failure(thrown).code === 'no_map') this.#store.put(slice.id, null, 1);
      })
      .finally(() => {
        this.#asked.delete(slice.id);
        this.arrivals += 1;
      });
  }

  clear(): void {
    this.#store.clear();
  }
}

export const maps = new Maps();
on_leave(() => maps.clear());
