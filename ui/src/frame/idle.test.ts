import { expect, it } from 'vitest';
import { is_due } from './idle';

it('is due after the set minutes, and never when they are 0', () => {
  expect(is_due(0, 15 * 60_000 - 1, 15)).toBe(false);
  expect(is_due(0, 15 * 60_000, 15)).toBe(true);
  expect(is_due(0, 8 * 3_600_000, 15)).toBe(true);
  expect(is_due(0, 8 * 3_600_000, 0)).toBe(false);
});
