import { describe, expect, it } from 'vitest';
import type { Doubt, Noted } from '../ipc';
import { is_nameless, marked, of_series } from './notes';

const told = (words: string): { words: string; coded: null } => ({ words, coded: null });

describe('what is told of files', () => {
  it('knows a patient whom nobody names', () => {
    const patient = { birth_date: null, sex: null };
    for (const name of ['', ' ', '^', '^^^', '=', ' ^ = '])
      expect(is_nameless({ ...patient, patient_id: ' ', patient_name: name }), name).toBe(true);
    expect(is_nameless({ ...patient, patient_id: '0', patient_name: '^' })).toBe(false);
    expect(is_nameless({ ...patient, patient_id: '', patient_name: '^A' })).toBe(false);
  });

  it('marks a value that is doubted, and no other and no empty one', () => {
    const doubts: Doubt[] = [{ field: 'study_date', told: told('later than today') }];
    expect(marked(doubts, 'study_date', '1 Dec 2026')).toBe('1 Dec 2026 (in doubt)');
    expect(marked(doubts, 'birth_date', '1 Dec 1980')).toBe('1 Dec 1980');
    expect(marked(doubts, 'study_date', '')).toBe('');
  });

  it('gives a series its own sentences', () => {
    const notes: Noted[] = [
      { told: told('cut'), images: 1, series: ['1', '2'] },
      { told: told('odd'), images: 3, series: ['2'] },
    ];
    expect(['1', '2', '3'].map((uid) => of_series(notes, uid))).toEqual([['cut'], ['cut', 'odd'], []]);
  });
});
