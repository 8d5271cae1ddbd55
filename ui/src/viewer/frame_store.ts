/** Keeps decoded frames within a budget of bytes; what was used longest ago goes first. */
export class FrameStore<T> {
  #kept = new Map<string, { value: T; bytes: number }>();
  #pinned: ReadonlySet<string> = new Set();
  #used = 0;
  #budget: number;
  readonly #evicted: (key: string) => void;

  constructor(budget_bytes: number, evicted: (key: string) => void = () => {}) {
    this.#budget = budget_bytes;
    this.#evicted = evicted;
  }

  get count(): number {
    return this.#kept.size;
  }

  get used_bytes(): number {
    return this.#used;
  }

  get budget_bytes(): number {
    return this.#budget;
  }

  set budget_bytes(bytes: number) {
    this.#budget = bytes;
    this.#make_room(null);
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  /** Using a frame makes it the last to go. */
  get(key: string): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  /** A frame that is larger than the whole budget is kept alone: it is on the screen. */
  put(key: string, value: T, bytes: number): void {
    this.#drop(key);
    this.#kept.set(key, { value, bytes });
    this.#used += bytes;
    this.#make_room(key);
  }

  /** Frames on the screen are never thrown out. */
  pin(keys: Iterable<string>): void {
    this.#pinned = new Set(keys);
  }

  clear(): void {
    for (const key of [...this.#kept.keys()]) this.#evict(key);
  }

  #make_room(newest: string | null): void {
    for (const key of [...this.#kept.keys()]) {
      if (this.#used <= this.#budget) return;
      if (key !== newest && !this.#pinned.has(key)) this.#evict(key);
    }
  }

  #evict(key: string): void {
    this.#drop(key);
    this.#evicted(key);
  }

  #drop(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    this.#kept.delete(key);
    this.#used -= found.bytes;
  }
}
