/** A prevalence as a person types it, in per cent: `8`, `8.5`, `8,5 %`. */

const LEAST = 0.1;
const MOST = 99.9;

/** The share, 0.001 to 0.999; `null` where it is none. */
export function share_of(typed: string): number | null {
  const text = typed.trim().replace(/\s*%$/u, '').replace(',', '.');
  if (!/^\d{1,2}(\.\d{1,3})?$/u.test(text)) return null;
  const percent = Number(text);
  return percent >= LEAST && percent <= MOST ? percent / 100 : null;
}
