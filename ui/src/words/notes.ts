/** What is told of a study's files, and whose they are. Pure. */
import type { Doubt, DoubtedField, Noted, Patient } from '../ipc';
import { t } from './index.svelte';
import { say } from './sentence';

/** No number, and a name of nothing but delimiters. */
export const is_nameless = (patient: Patient): boolean =>
  patient.patient_id.trim() === '' && patient.patient_name.replace(/[\^=,\s]/g, '') === '';

/** A value that can hardly be so is never shown as a plain fact. */
export function marked(doubts: readonly Doubt[], field: DoubtedField, value: string): string {
  if (value === '' || !doubts.some((doubt) => doubt.field === field)) return value;
  return t('reading.doubted', { value });
}

/** The sentences that concern one series. */
export const of_series = (notes: readonly Noted[], series_instance_uid: string): string[] =>
  notes.filter((noted) => noted.series.includes(series_instance_uid)).map((noted) => say(noted.told));
