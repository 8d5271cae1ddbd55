/** Shares and their uncertainty. Pure. */
import type { Agreement as FourFields } from '../../ipc';

export type Interval = { low: number; high: number };

const z = 1.959963984540054;

/** Wilson's 95 % interval of `count` in `total` (Wilson 1927); null where nothing was counted. */
export function wilson(count: number, total: number): Interval | null {
  if (!(total > 0) || count < 0 || count > total) return null;
  const share = count / total;
  const scale = 1 + z ** 2 / total;
  const middle = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return { low: count === 0 ? 0 : Math.max(0, middle - half), high: count === total ? 1 : Math.min(1, middle + half) };
}

/** 95 % interval of the second share less the first, by Newcombe's method 10 (1998). */
export function difference(
  first: { count: number; total: number },
  second: { count: number; total: number },
): Interval | null {
  const [a, b] = [wilson(first.count, first.total), wilson(second.count, second.total)];
  if (a === null || b === null) return null;
  const [p, q] = [first.count / first.total, second.count / second.total];
  const by = q - p;
  return {
    low: by - Math.hypot(q - b.low, a.high - p),
    high: by + Math.hypot(b.high - q, p - a.low),
  };
}

export type Agreement = { total: number; agreed: number; share: number | null; interval: Interval | null };
export type { FourFields };

/** How often model and reader said the same of a study. */
export function agreement(fields: FourFields): Agreement {
  const total = fields.both + fields.model_only + fields.reader_only + fields.neither;
  const agreed = fields.both + fields.neither;
  return { total, agreed, share: total === 0 ? null : agreed / total, interval: wilson(agreed, total) };
}

/** Sums of several versions of a bundle. */
export function together(fields: readonly FourFields[]): FourFields {
  const sum = (of: (one: FourFields) => number): number => fields.reduce((total, one) => total + of(one), 0);
  return {
    both: sum((one) => one.both),
    model_only: sum((one) => one.model_only),
    reader_only: sum((one) => one.reader_only),
    neither: sum((one) => one.neither),
  };
}
