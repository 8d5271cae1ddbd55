/** Short messages in the corner: a failure that has no place on the screen, or a deed that is done. */
import type { Failure } from '../ipc';
import { as_failure } from './failures';

export type Notice = { id: number; words: string | null; failure: Failure | null; retry: (() => void) | null };

class Notices {
  list = $state<Notice[]>([]);
  #next = 1;

  say(words: string): void {
    this.#add({ words, failure: null, retry: null }, 5_000);
  }

  /** Shows what a command was rejected with; failures stay until they are dismissed. */
  fail(thrown: unknown, retry: (() => void) | null = null): void {
    const failure = as_failure(thrown);
    this.list = this.list.filter((notice) => notice.failure?.message !== failure.message);
    this.#add({ words: null, failure, retry }, null);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  clear(): void {
    this.list = [];
  }

  #add(notice: Omit<Notice, 'id'>, milliseconds: number | null): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { id, ...notice }];
    if (milliseconds !== null) setTimeout(() => this.dismiss(id), milliseconds);
  }
}

export const notices = new Notices();
