/** Made-up people. The first few are the awkward ones: markup, quotes, right-to-left scripts, 200 characters. */
import { random } from './random';

const family = [
  'Kovács',
  'Szabó',
  'Tóth',
  'Nagy',
  'Horváth',
  'Müller',
  'Schneider',
  'Weber',
  'Smith',
  'Jones',
  'Okafor',
  'Nguyen',
  'García',
  'Rossi',
  'Dubois',
  'Novák',
  'Andersson',
  'Yılmaz',
  'Haddad',
  'Sato',
  'Kim',
  'Silva',
  'Ivanova',
  'Papadopoulos',
  'O’Brien',
  'van den Berg',
];
const given = [
  'Anna',
  'Béla',
  'Clara',
  'David',
  'Eszter',
  'Felix',
  'Greta',
  'Hugo',
  'Ilona',
  'James',
  'Katalin',
  'László',
  'Maria',
  'Noah',
  'Olivia',
  'Péter',
  'Rosa',
  'Samuel',
  'Thi Mai',
  'Ursula',
  'Viktor',
  'Wei',
  'Yusuf',
  'Zoë',
];

const awkward = [
  '<b>Bold</b>^<img src=x onerror=alert(1)>',
  'كريم^محمد عبد الرحمن',
  'לוי^שרה',
  `Müller-"Quote"^O'Neil & Söhne`,
  `${'Wolfeschlegelsteinhausenbergerdorff'.repeat(5)}^${'Hubert'.repeat(5)}`,
  '山田^太郎',
  '\u202eSdrawkcab^Name\u202c',
];

export type Person = { patient_id: string; patient_name: string; birth_date: string; sex: string };

export function person(index: number): Person {
  const from = random(index + 1);
  const name = awkward[index] ?? `${from.pick(family)}^${from.pick(given)}`;
  const year = 1928 + from.below(90);
  const two = (n: number): string => String(n).padStart(2, '0');
  return {
    patient_id: index === 4 ? 'X'.repeat(64) : `P${String(100000 + index)}`,
    patient_name: name,
    birth_date: `${year}${two(1 + from.below(12))}${two(1 + from.below(28))}`,
    sex: from.pick(['F', 'M', 'F', 'M', 'O']),
  };
}
