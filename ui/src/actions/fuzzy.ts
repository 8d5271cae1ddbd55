/** Finds words by their letters in order ("wlv" finds "Window/level"), beginnings of words first. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Higher is better; null where the letters of `wanted` do not stand in `text` in their order. */
export function match(wanted: string, text: string): number | null {
  const letters = plain(wanted).replace(/\s+/g, '');
  const words = plain(text);
  if (letters === '') return 0;
  const whole = words.indexOf(plain(wanted).trim());
  if (whole >= 0) return 1000 - whole + (is_start(words, whole) ? 500 : 0) - words.length / 100;
  let score = 0;
  let from = 0;
  let run = 0;
  for (const letter of letters) {
    const at = next_at(words, letter, from);
    if (at < 0) return null;
    run = at === from && from > 0 ? run + 1 : 0;
    score += (is_start(words, at) ? 8 : 1) + run * 4 - Math.min(at - from, 5) * 0.2;
    from = at + 1;
  }
  return score - words.length / 100;
}

/** The letter at a beginning of a word if there is one ahead, otherwise the nearest. */
function next_at(words: string, letter: string, from: number): number {
  const nearest = words.indexOf(letter, from);
  if (nearest === from && from > 0) return nearest;
  for (let at = nearest; at >= 0; at = words.indexOf(letter, at + 1)) if (is_start(words, at)) return at;
  return nearest;
}

function is_start(words: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(words[at - 1] ?? '');
}

/** `items` that match, best first; all of them, in their order, for an empty `wanted`. */
export function find<T>(wanted: string, items: readonly T[], text: (item: T) => string): T[] {
  return items
    .map((item, at) => ({ item, at, score: match(wanted, text(item)) }))
    .filter((one): one is { item: T; at: number; score: number } => one.score !== null)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((one) => one.item);
}
