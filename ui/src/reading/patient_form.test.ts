import { describe, expect, it } from 'vitest';
import type { Patient } from '../ipc';
import { day_here, day_of, entry_of, typed_of, type Typed } from './patient_form';

const typed = (change: Partial<Typed>): Typed => ({
  id: '7',
  family: '',
  given: '',
  birth_date: '',
  sex: '',
  ...change,
});
const nobody: Patient = { patient_id: '', patient_name: '', birth_date: null, sex: null };

describe('the patient whom a person types', () => {
  it('is written as DICOM writes a name, whatever stands in the parts', () => {
    const name = (family: string, given: string): unknown => {
      const entry = entry_of(typed({ family, given }), null, '20261130');
      return 'patient_name' in entry ? entry.patient_name : entry;
    };
    expect(name('Doe', 'Jane')).toBe('Doe^Jane');
    expect(name(' Doe ', '')).toBe('Doe');
    expect(name('', 'Jane')).toBe('^Jane');
    expect(name('Do^e', 'Ja=ne\\x')).toBe('Do e^Ja ne x');
    expect(name('', '')).toBe('');
  });

  it('needs a number or a name', () => {
    for (const id of ['', '  '])
      expect(entry_of(typed({ id, family: '^' }), null, '20261130')).toMatchObject({ field: 'id' });
    expect(entry_of(typed({ id: '', given: 'Jane' }), null, '20261130')).toHaveProperty('patient_id', '');
  });

  it('has a date that is a day, not after the study and not in the future', () => {
    for (const [text, day] of [
      ['1980-12-31', '19801231'],
      ['1980.1.2.', '19800102'],
      ['19800102', '19800102'],
      ['1980/01/02', '19800102'],
      ['', ''],
      ['1980-02-30', null],
      ['31.12.1980', '19801231'],
      ['31. 12. 1980', '19801231'],
      ['1980. 12. 31.', '19801231'],
      ['31/12/1980', null],
      ['32.12.1980', null],
      ['1900-02-29', null],
      ['1500-01-01', null],
      ['yesterday', null],
    ] as const)
      expect(day_of(text), text).toBe(day);
    const at = (birth_date: string, study: string | null): unknown =>
      entry_of(typed({ birth_date }), study, '20261130');
    expect(at('2026-12-01', null)).toMatchObject({ words: 'reading.patient.no_date' });
    expect(at('2026-11-30', '20261129')).toMatchObject({ words: 'reading.patient.after_study' });
    expect(at('2026-11-29', '20261129')).toMatchObject({ birth_date: '20261129' });
    expect(at('2026-11-29', '')).toMatchObject({ birth_date: '20261129' });
  });

  it('comes back as it was typed, to be corrected', () => {
    const first = typed({ family: 'Doe', given: 'Jane', birth_date: '1980-12-31', sex: 'F' });
    const entry = entry_of(first, null, '20261130');
    if (!('patient_id' in entry)) throw new Error(entry.words);
    expect(typed_of({ ...nobody, ...entry })).toEqual(first);
    // What a file writes in the place of a sex and no standard knows is no choice of the form.
    expect(typed_of({ ...nobody, sex: 'X' }).sex).toBe('');
    expect(typed_of(nobody)).toEqual(typed({ id: '' }));
    expect(day_here(new Date(2026, 0, 5))).toBe('20260105');
  });
});
