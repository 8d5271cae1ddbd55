/** Sentences that the fake program itself makes. */
import type { Coded, Sentence } from '../generated/wire';

export const said = (code: string, words: string, values: Coded['values'] = {}): Sentence => ({
  words,
  coded: { code, values },
});

const made_for = 'axial FLAIR MR slices of the head';
export const refusal = said(
  'gate.unlike',
  `this model was made for ${made_for}; the image is unlike those it was trained on`,
  { made_for },
);
export const ask = said(
  'gate.ask_sequence_and_age',
  "the sequence and the patient's age are not known: state whether it is FLAIR, T1 with contrast agent or another, and enter the patient's age",
);
export const statement = said('import.stated', 'what the file does not say was stated: T1 + contrast, 45 y', {
  what: 'T1 + contrast, 45 y',
});
export const doubt_of_date = said(
  'doubt.study_in_future',
  'the Study Date 2031-02-03 lies in the future: it is later than the day of the import',
  { date: '2031-02-03' },
);
export const report_object = said('object.without_picture', 'a structured report: it contains text, no image', {
  what: 'a structured report',
  holds: 'text',
});
export const device = [
  said('device.processor', 'Analyses run on the processor (2 cores).', { count: 2 }),
  said(
    'no_gpu.no_driver',
    'No GPU is used: this machine has no NVIDIA driver (libcuda.so.1), so there is no GPU to use.',
  ),
];
