import { describe, expect, it } from 'vitest';
import {
  age_in_years,
  bytes,
  date_time,
  dicom_age,
  dicom_date,
  iso_date,
  number,
  person_name,
  region,
  score,
  span,
  typed_date,
} from './format';

const plain = (text: string): string => text.replace(/[\u00a0\u202f\u2009]/g, ' ');

describe('dates', () => {
  it.each([
    ['en-GB', '04 Mar 1951'],
    ['hu', '1951. márc. 04.'],
    ['de', '04. März 1951'],
  ])('of DICOM in %s have the month in letters', (locale, expected) => {
    expect(dicom_date('19510304', locale)).toBe(expected);
  });

  it('that are none are shown as they are', () => {
    expect(dicom_date('19510231', 'en-GB')).toBe('19510231');
    expect(dicom_date('1951.03.04', 'en-GB')).toBe('1951.03.04');
    expect(dicom_date(null, 'en-GB')).toBe('');
    expect(dicom_date('00010101', 'en-GB')).toBe('01 Jan 1');
  });

  it.each([
    ['054Y', 'en-GB', '54 years'],
    ['001M', 'en-GB', '1 month'],
    ['003W', 'de', '3 Wochen'],
    ['054Y', 'hu', '54 éves'],
    ['054Y', 'de', '54 Jahre'],
    ['011M', 'hu', '11 hónapos'],
    ['54', 'de', '54'],
    ['', 'de', ''],
    [null, 'de', ''],
  ])('give the age %s in %s', (age, locale, expected) => {
    expect(plain(dicom_age(age, locale))).toBe(expected);
  });

  it('of the program in sentences and tables are shown like those of DICOM', () => {
    expect(iso_date('2026-11-24', 'de')).toBe(dicom_date('20261124', 'de'));
    expect(iso_date('2026-02-31', 'de')).toBe('2026-02-31');
    expect(iso_date('20261124', 'de')).toBe('20261124');
    expect(iso_date('', 'de')).toBe('');
  });

  it.each([
    ['en', '1980-12-31'],
    ['hu', '1980.12.31.'],
    ['de', '31.12.1980'],
  ])('are typed in %s as %s', (language, expected) => {
    expect(typed_date('19801231', language)).toBe(expected);
  });

  it('give ages in years that are no whole number', () => {
    expect(age_in_years(0.5, 'en')).toBe('0.5 years');
    expect(age_in_years(0.5, 'hu')).toBe('0,5 éves');
    expect(age_in_years(1, 'de')).toBe('1 Jahr');
  });

  it('with times are told in the time of the place', () => {
    expect(date_time(Date.UTC(2026, 10, 24, 23, 30), 'en-GB', 'Europe/Budapest')).toBe('25 Nov 2026, 00:30');
    expect(plain(date_time(Date.UTC(2026, 10, 24, 23, 30), 'hu', 'UTC'))).toBe('2026. nov. 24. 23:30');
    expect(date_time(null, 'de')).toBe('');
  });

  it('take the region of the system where it speaks the language', () => {
    expect(region('en', ['en-US', 'en'])).toBe('en-US');
    expect(region('en', ['hu-HU', 'hu'])).toBe('en-GB');
    expect(region('de', ['en-US', 'de-AT'])).toBe('de-AT');
    expect(region('hu', [])).toBe('hu');
  });
});

describe('numbers', () => {
  it.each([
    ['en', '0.866', '1,234.5'],
    ['hu', '0,866', '1234,5'],
    ['de', '0,866', '1.234,5'],
  ])('in %s', (locale, expected_score, expected_number) => {
    expect(score(0.8666, locale)).toBe(expected_score);
    expect(plain(number(1234.5, 1, locale))).toBe(expected_number);
  });

  it('of bytes and seconds carry their unit', () => {
    expect(plain(bytes(999, 'en'))).toBe('999 byte');
    expect(plain(bytes(4_800_000_000, 'en'))).toBe('4.8 GB');
    expect(plain(bytes(16_400_000, 'de'))).toBe('16 MB');
    expect(plain(span(9.4, 'en'))).toBe('9 sec');
    expect(plain(span(125, 'en'))).toBe('2 min');
    expect(plain(span(3 * 3600 + 130, 'de'))).toBe('3 Std. 2 Min.');
    expect(plain(span(-3, 'en'))).toBe('0 sec');
  });
});

describe('names of people', () => {
  it.each([
    ['Kovács^Anna^Mária^Dr.^', 'Kovács, Dr. Anna Mária'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', 'Yamada, Tarou (山田, 太郎)'],
    ['=山田^太郎', '山田, 太郎'],
    ['<img src=x onerror=alert(1)>^A', '<img src=x onerror=alert(1)>, A'],
    ['Single', 'Single'],
    ['^Given', 'Given'],
    ['<b>Bold</b>^"Q"', '<b>Bold</b>, "Q"'],
    ['', ''],
  ])('%j reads %j', (pn, expected) => {
    expect(person_name(pn)).toBe(expected);
  });
});
