/** Undo and redo. Steps of the same thing in quick succession (a drag, a turned wheel) are one step. */
export type Step = {
  /** steps with the same one and close in time are joined */ of: string;
  undo: () => void;
  redo: () => void;
};

const joins_within_ms = 700;
const most_steps = 200;

export class History {
  #done: Step[] = [];
  #undone: Step[] = [];
  #last_at = -Infinity;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get can_undo(): boolean {
    return this.#done.length > 0;
  }

  get can_redo(): boolean {
    return this.#undone.length > 0;
  }

  add(step: Step): void {
    const at = this.#now();
    const last = this.#done.at(-1);
    this.#undone = [];
    if (last?.of === step.of && at - this.#last_at < joins_within_ms) {
      this.#done[this.#done.length - 1] = { of: step.of, undo: last.undo, redo: step.redo };
    } else {
      this.#done = [...this.#done.slice(1 - most_steps), step];
    }
    this.#last_at = at;
  }

  /** The next step is a new one, however soon it comes. */
  rest(): void {
    this.#last_at = -Infinity;
  }

  undo(): void {
    const step = this.#done.pop();
    if (step === undefined) return;
    this.rest();
    step.undo();
    this.#undone.push(step);
  }

  redo(): void {
    const step = this.#undone.pop();
    if (step === undefined) return;
    this.rest();
    step.redo();
    this.#done.push(step);
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
    this.rest();
  }
}
