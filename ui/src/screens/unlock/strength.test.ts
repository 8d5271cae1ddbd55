import { expect, it } from 'vitest';
import { strength } from './strength';

it.each([
  ['', 'empty'],
  ['aaaaaaaaaaaaaaaaaa', 'weak'],
  ['password123', 'weak'],
  ['abcdefghijkl', 'weak'],
  ['12345678', 'weak'],
  ['correct horse battery staple', 'good'],
  ['horse horse horse', 'weak'],
  ['tR9!kz#Qw2pLm', 'good'],
])('calls %j %s', (passphrase, expected) => {
  expect(strength(passphrase)).toBe(expected);
});
