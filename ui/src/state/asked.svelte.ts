/** What was asked of the program: still waiting, its answer, or why there is none. A late answer to an earlier question is dropped. */
import type { Failure } from '../ipc';
import { as_failure } from './failures';

export class Asked<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  waiting = $state(false);
  #turn = 0;

  /** The answer before stays on screen while the next is awaited. */
  async ask(question: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.waiting = true;
    try {
      const value = await question();
      if (turn !== this.#turn) return;
      this.value = value;
      this.failure = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.failure = as_failure(thrown);
    }
    this.waiting = false;
  }

  /** Puts an answer in that came another way. */
  take(value: T): void {
    this.#turn += 1;
    this.value = value;
    this.failure = null;
    this.waiting = false;
  }
}
