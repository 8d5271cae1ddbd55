/**
 * Which rows of a long list are on screen, and where they stand. Browsers cut elements somewhere above 16 million pixels;
 * a list that would be taller keeps that height and its scroll bar stands for shares of the list.
 */
export const TALLEST = 15_000_000;

export type Window = {
  first: number;
  last: number;
  /** pixels from the top of the list to the first row */ top: number;
  /** height of the whole list */ height: number;
};

/** `first..last` includes `spare` rows on both sides; last is exclusive. */
export function window_of(scroll_top: number, viewport: number, row_height: number, total: number, spare = 4): Window {
  const full = total * row_height;
  const height = Math.min(full, TALLEST);
  const scroll = Math.max(0, Math.min(scroll_top, height - viewport));
  const offset = full <= TALLEST ? scroll : (scroll / (height - viewport)) * (full - viewport);
  const at_top = Math.max(0, Math.floor(offset / row_height));
  const first = Math.max(0, at_top - spare);
  const last = Math.min(total, Math.ceil((offset + viewport) / row_height) + spare);
  return { first, last, top: first * row_height - offset + scroll, height };
}

/** The scroll position nearest to the present one that shows row `index` whole. */
export function scroll_to_show(
  index: number,
  scroll_top: number,
  viewport: number,
  row_height: number,
  total: number,
): number {
  const full = total * row_height;
  const height = Math.min(full, TALLEST);
  const share = full <= TALLEST ? 1 : (full - viewport) / (height - viewport);
  const offset = scroll_top * share;
  const top = index * row_height;
  if (top < offset) return top / share;
  if (top + row_height > offset + viewport) return Math.max(0, (top + row_height - viewport) / share);
  return scroll_top;
}

/** Pages of `size` rows that cover `first..last`. */
export function pages_of(first: number, last: number, size: number): number[] {
  if (last <= first) return [];
  const from = Math.floor(first / size);
  const to = Math.floor((last - 1) / size);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
