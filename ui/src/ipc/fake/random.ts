/** Numbers that look random and are the same on every run. */
export type Random = {
  next: () => number;
  below: (n: number) => number;
  pick: <T>(from: readonly T[]) => T;
  chance: (p: number) => boolean;
};

export function random(seed: number): Random {
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  return { next, below, pick, chance: (p) => next() < p };
}

export function hex(seed: number, length: number): string {
  const from = random(seed);
  return Array.from({ length }, () => from.below(16).toString(16)).join('');
}
