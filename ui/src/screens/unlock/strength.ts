/** How hard a passphrase is to guess, roughly and said plainly. Nothing is forbidden here but an empty one. */
export type Strength = 'empty' | 'weak' | 'fair' | 'good';

const common = [
  'password',
  'passphrase',
  'passwort',
  'jelszo',
  'jelszó',
  'qwerty',
  'qwertz',
  'letmein',
  'admin',
  'hospital',
  'radiology',
  'abc123',
  '123456',
  '111111',
  'welcome',
];

/** About the bits somebody has to guess who knows how people choose. */
export function guess_bits(passphrase: string): number {
  const plain = passphrase.toLowerCase();
  const words = plain.split(/[\s\-_.,]+/).filter((word) => word.length > 2);
  if (words.length >= 3 && new Set(words).size === words.length) return words.length * 12 + 4;
  let rest = [...new Set(plain.split(/\s+/))].join(' ');
  for (const word of common) rest = rest.replaceAll(word, '·');
  let fresh = 0;
  for (let at = 0; at < rest.length; at += 1) {
    const step = at === 0 ? 9 : Math.abs(rest.charCodeAt(at) - rest.charCodeAt(at - 1));
    fresh += step <= 1 ? 0.25 : 1;
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(passphrase)).length;
  return fresh * (2.2 + kinds * 0.6);
}

export function strength(passphrase: string): Strength {
  if (passphrase === '') return 'empty';
  const bits = guess_bits(passphrase);
  if (bits < 28) return 'weak';
  return bits < 45 ? 'fair' : 'good';
}
