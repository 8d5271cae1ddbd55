/** Where a figure lies on the scale from 0 to 1. Pure. */
import type { ModelFigure } from '../../ipc';

export type Drawn = { value: number; low: number; high: number } | null;

const inside = (value: number): boolean => Number.isFinite(value) && value >= 0 && value <= 1;

/** Percent of the scale's width; null for what has no value or does not fit the scale. */
export function drawn(figure: ModelFigure): Drawn {
  const { value, low, high } = figure;
  if (value === null || !inside(value)) return null;
  const from = low !== null && inside(low) ? Math.min(low, value) : value;
  const to = high !== null && Number.isFinite(high) ? Math.min(1, Math.max(high, value)) : value;
  return { value: value * 100, low: from * 100, high: to * 100 };
}

/** Figures by the set they were measured on, in the order they came. */
export function by_set(figures: readonly ModelFigure[]): { set: string; figures: ModelFigure[] }[] {
  const sets: { set: string; figures: ModelFigure[] }[] = [];
  for (const figure of figures) {
    const home = sets.find((one) => one.set === figure.set);
    if (home === undefined) sets.push({ set: figure.set, figures: [figure] });
    else home.figures.push(figure);
  }
  return sets;
}
