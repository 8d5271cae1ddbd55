import { expect, it } from 'vitest';
import { date_typed, parse_date, span_of, span_start } from './dates';

const today = new Date(2026, 10, 24);

it.each([
  ['2026-11-24', '20261124'],
  ['20261124', '20261124'],
  ['2026. 11. 24.', '20261124'],
  ['24.11.2026', '20261124'],
  ['4/1/2026', '20260104'],
  ['2024-02-29', '20240229'],
  ['2025-02-29', null],
  ['2026-13-01', null],
  ['yesterday', null],
  ['', null],
])('reads %j as %j', (typed, expected) => {
  expect(parse_date(typed)).toBe(expected);
});

it('knows a span again by its dates', () => {
  for (const span of ['today', 'week', 'month', 'year'] as const) {
    expect(span_of(span_start(span, today), null, today)).toBe(span);
  }
  expect(span_of(null, null, today)).toBe('any');
  expect(span_of('20200101', '20201231', today)).toBe('own');
  expect(span_start('week', today)).toBe('20261118');
  expect(date_typed('20261124')).toBe('2026-11-24');
});
