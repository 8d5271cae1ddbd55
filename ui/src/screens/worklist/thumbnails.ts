/** Small images of studies: fetched only for rows that stay in sight for a moment, a few at a time, and forgotten in order of use. */
import { host } from '../../ipc';
import { as_failure } from '../../state/failures';
import { on_leave } from '../../state/session.svelte';

const KEPT = 300;
const AT_ONCE = 4;
const STAY_MS = 60;

type Wanted = { study_instance_uid: string; tell: (url: string | null) => void };

export class Thumbnails {
  /** in order of use; null: the study has no image */
  readonly #known = new Map<string, string | null>();
  #queue: Wanted[] = [];
  #running = 0;
  #era = 0;

  constructor(private readonly fetch: (study_instance_uid: string) => Promise<ArrayBuffer>) {}

  /** Tells the URL now or later; the answer says that the row has gone and nobody waits any more. */
  want(study_instance_uid: string, tell: (url: string | null) => void): () => void {
    const known = this.#known.get(study_instance_uid);
    if (known !== undefined) {
      this.#known.delete(study_instance_uid);
      this.#known.set(study_instance_uid, known);
      tell(known);
      return () => undefined;
    }
    const wanted = { study_instance_uid, tell };
    const timer = setTimeout(() => {
      this.#queue.push(wanted);
      this.#pump();
    }, STAY_MS);
    return () => {
      clearTimeout(timer);
      this.#queue = this.#queue.filter((other) => other !== wanted);
      wanted.tell = () => undefined;
    };
  }

  forget(): void {
    this.#era += 1;
    for (const url of this.#known.values()) if (url !== null) URL.revokeObjectURL(url);
    this.#known.clear();
    this.#queue = [];
  }

  #pump(): void {
    while (this.#running < AT_ONCE) {
      // the row that came into sight last is the one being looked at
      const wanted = this.#queue.pop();
      if (wanted === undefined) return;
      this.#running += 1;
      void this.#load(wanted).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #load(wanted: Wanted): Promise<void> {
    const era = this.#era;
    let url: string | null = null;
    let has_none = true;
    try {
      const bytes = await this.fetch(wanted.study_instance_uid);
      if (era !== this.#era) return;
      if (bytes.byteLength > 0) url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
    } catch (failure) {
      // A study without images has none; anything else may go well the next time the row comes into sight.
      has_none = as_failure(failure).code === 'no_picture';
    }
    if (era !== this.#era) return;
    wanted.tell(url);
    if (url === null && !has_none) return;
    this.#known.set(wanted.study_instance_uid, url);
    for (const [old, old_url] of this.#known) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(old);
      if (old_url !== null) URL.revokeObjectURL(old_url);
    }
  }
}

export const thumbnails = new Thumbnails((uid) => host().study_thumbnail(uid));
on_leave(() => thumbnails.forget());
