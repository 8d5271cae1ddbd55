import { expect, test } from 'vitest';
import { share_of } from './prevalence';

test.each([
  ['8', 0.08],
  [' 8.5 % ', 0.085],
  ['8,5', 0.085],
  ['99.9', 0.999],
  ['0.1', 0.001],
])('%s per cent is a share', (typed, share) => {
  expect(share_of(typed)).toBeCloseTo(share, 9);
});

test.each(['', '0', '100', '0.05', '-8', '8 of 100', '1e1', '8.5.1', '٨'])('%s is none', (typed) => {
  expect(share_of(typed)).toBeNull();
});
