import { expect, it } from 'vitest';
import { find, match } from './fuzzy';

const titles = [
  'Window/level',
  'Next finding',
  'Next slice',
  'Previous finding',
  'Flip left and right',
  'Befund bestätigen',
  'Keresés a munkalistában',
];
const best = (wanted: string): string | undefined => find(wanted, titles, (title) => title)[0];

it.each([
  ['wl', 'Window/level'],
  ['next f', 'Next finding'],
  ['ns', 'Next slice'],
  ['finding', 'Next finding'],
  ['pf', 'Previous finding'],
  ['bestatigen', 'Befund bestätigen'],
  ['KERESES', 'Keresés a munkalistában'],
])('%j finds %j first', (wanted, expected) => {
  expect(best(wanted)).toBe(expected);
});

it('finds nothing for letters that are not there, and all in order for nothing', () => {
  expect(match('xyz', 'Window/level')).toBeNull();
  expect(find('', titles, (title) => title)).toEqual(titles);
});
