/**
 * When typed text is stored: at each pause, and without a pause often enough that a kill loses at most two seconds.
 * One save at a time, always of the newest text; a save that fails is tried again until it works or the text is given up.
 */
export const pause_ms = 600;
/** Counted from the first letter that is not stored yet; half a second of the two is left for the writing itself. */
export const longest_ms = 1_500;
export const retry_ms: readonly number[] = [2_000, 4_000, 8_000, 15_000];

export type Progress =
  { kind: 'clean' } | { kind: 'waiting' } | { kind: 'saving' } | { kind: 'failed'; thrown: unknown };

type Options<Answer> = {
  /** Reads the newest text and stores it. */
  save: () => Promise<Answer>;
  saved: (answer: Answer) => void;
  progress: (now: Progress) => void;
};

export class Autosave<Answer> {
  #changes = 0;
  #stored = 0;
  #oldest_change = 0;
  #failures = 0;
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly options: Options<Answer>) {}

  get unsaved(): boolean {
    return this.#stored < this.#changes;
  }

  /** To be called after each change of the text. */
  changed(now = Date.now()): void {
    if (!this.unsaved) this.#oldest_change = now;
    this.#changes += 1;
    if (this.#failures === 0 && this.#running === null) this.options.progress({ kind: 'waiting' });
    if (this.#running !== null) return;
    // While saving fails, typing does not hurry the next try.
    if (this.#failures > 0 && this.#timer !== null) return;
    const left = this.#oldest_change + longest_ms - now;
    this.#plan(Math.max(0, Math.min(pause_ms, left)));
  }

  /** Stores at once what is not stored; ends when that has worked or failed. */
  async flush(): Promise<boolean> {
    while (this.unsaved) {
      const before = this.#failures;
      if (this.#running !== null) await this.#running;
      else await this.#run();
      if (this.#failures > before) return false;
    }
    return true;
  }

  /** No further try is made; what is not stored is lost. */
  give_up(): void {
    this.#clear();
    this.#stored = this.#changes;
    this.#failures = 0;
  }

  #plan(milliseconds: number): void {
    this.#clear();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#running === null && this.unsaved) void this.#run();
    }, milliseconds);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): Promise<void> {
    this.#clear();
    this.#running = this.#store().finally(() => {
      this.#running = null;
      this.#after();
    });
    return this.#running;
  }

  async #store(): Promise<void> {
    const upto = this.#changes;
    const began = Date.now();
    this.options.progress({ kind: 'saving' });
    try {
      const answer = await this.options.save();
      this.#stored = Math.max(this.#stored, upto);
      this.#failures = 0;
      // What was typed since is no older than the moment its text was read.
      this.#oldest_change = began;
      this.options.saved(answer);
      this.options.progress(this.unsaved ? { kind: 'waiting' } : { kind: 'clean' });
    } catch (thrown) {
      this.#failures += 1;
      this.options.progress({ kind: 'failed', thrown });
    }
  }

  #after(): void {
    if (!this.unsaved) return;
    if (this.#failures > 0) return this.#plan(retry_ms[Math.min(this.#failures, retry_ms.length) - 1] ?? 15_000);
    const left = this.#oldest_change + longest_ms - Date.now();
    this.#plan(Math.max(0, Math.min(pause_ms, left)));
  }
}
