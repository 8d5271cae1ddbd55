import { describe, expect, it } from 'vitest';
import { pages_of, scroll_to_show, TALLEST, window_of } from './virtual';

const ROW = 52;
const VIEW = 600;

describe('the window of a long list', () => {
  it('covers the viewport at every scroll position of 100,000 rows', () => {
    const total = 100_000;
    for (let scroll = 0; scroll <= total * ROW - VIEW; scroll += 99_991) {
      const shown = window_of(scroll, VIEW, ROW, total, 0);
      expect(shown.first * ROW).toBeLessThanOrEqual(scroll);
      expect(shown.last * ROW).toBeGreaterThanOrEqual(scroll + VIEW);
      expect(shown.last - shown.first).toBeLessThanOrEqual(Math.ceil(VIEW / ROW) + 1);
      expect(shown.top).toBe(shown.first * ROW);
    }
  });

  it('shows the last row at the end, also where the list is taller than an element can be', () => {
    for (const total of [1, 11, 100_000, 3_000_000]) {
      const height = window_of(0, VIEW, ROW, total).height;
      expect(height).toBeLessThanOrEqual(TALLEST);
      const end = window_of(height - VIEW, VIEW, ROW, total);
      expect(end.last).toBe(total);
      expect(end.top + (end.last - end.first) * ROW).toBeCloseTo(Math.max(height, Math.min(height, total * ROW)), 3);
    }
  });

  it('is empty for an empty list and never starts below zero', () => {
    expect(window_of(500, VIEW, ROW, 0)).toEqual({ first: 0, last: 0, top: 0, height: 0 });
    expect(window_of(-40, VIEW, ROW, 10).first).toBe(0);
  });

  it('scrolls no further than is needed to show a row', () => {
    expect(scroll_to_show(3, 0, VIEW, ROW, 100)).toBe(0);
    expect(scroll_to_show(2, 520, VIEW, ROW, 100)).toBe(104);
    expect(scroll_to_show(50, 0, VIEW, ROW, 100)).toBe(51 * ROW - VIEW);
    const total = 3_000_000;
    const scroll = scroll_to_show(total - 1, 0, VIEW, ROW, total);
    const shown = window_of(scroll, VIEW, ROW, total, 0);
    expect(shown.last).toBe(total);
  });

  it('names the pages that cover rows', () => {
    expect(pages_of(0, 100, 100)).toEqual([0]);
    expect(pages_of(99, 101, 100)).toEqual([0, 1]);
    expect(pages_of(5, 5, 100)).toEqual([]);
  });
});
