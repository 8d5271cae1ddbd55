/** What a person types of a patient whom no file names. Pure. */
import type { Patient, PatientEntry, Sex } from '../ipc';
import { typed_date } from '../words/format';
import { sexes } from '../words/header_codes';

export type Typed = { id: string; family: string; given: string; birth_date: string; sex: Sex | '' };
export type Fault = {
  field: 'id' | 'birth_date';
  words: 'reading.patient.need' | 'reading.patient.no_date' | 'reading.patient.after_study';
};

/** The entry that stands already, to be corrected. */
export function typed_of(patient: Patient): Typed {
  const [family = '', given = ''] = (patient.patient_name.split('=')[0] ?? '').split('^');
  const born = patient.birth_date ?? '';
  return {
    id: patient.patient_id,
    family,
    given,
    birth_date: /^\d{8}$/.test(born) ? typed_date(born) : '',
    sex: sexes.find(({ id }) => id === patient.sex)?.id ?? '',
  };
}

/** Separators of a DICOM name are no letters of one. */
const part = (text: string): string =>
  text
    .replace(/[\^=\\]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** `YYYYMMDD` of what was typed as a date, `''` of nothing, null of what is no day. */
export function day_of(text: string): string | null {
  if (text.trim() === '') return '';
  const year_first = /^(\d{4})[-./ ]{0,2}(\d{1,2})[-./ ]{0,2}(\d{1,2})\.?$/.exec(text.trim());
  // With dots alone: 3/4 is the third of April to one person and the fourth of March to another.
  const day_first = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/.exec(text.trim());
  const [year, month, day] = (year_first?.slice(1) ?? day_first?.slice(1).reverse() ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1583 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return `${String(year)}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`;
}

/** The entry as the program takes it, or the first fault. */
export function entry_of(typed: Typed, study_date: string | null, today: string): PatientEntry | Fault {
  const [family, given] = [part(typed.family), part(typed.given)];
  const patient_name = given === '' ? family : `${family}^${given}`;
  const patient_id = typed.id.trim();
  if (patient_id === '' && patient_name === '') return { field: 'id', words: 'reading.patient.need' };
  const birth_date = day_of(typed.birth_date);
  if (birth_date === null || birth_date > today) return { field: 'birth_date', words: 'reading.patient.no_date' };
  if (study_date !== null && study_date !== '' && birth_date > study_date)
    return { field: 'birth_date', words: 'reading.patient.after_study' };
  return { patient_id, patient_name, birth_date, sex: typed.sex === '' ? null : typed.sex };
}

/** This day here, as `YYYYMMDD`. */
export const day_here = (now: Date): string =>
  [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('');
