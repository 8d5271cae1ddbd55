/** What a reader decided, as words and keys of the interface. Pure. */
import type { Decision, Device, Review } from '../ipc';

export type DecisionWord = Extract<Decision, string> | 'changed';

export const word_of = (decision: Decision): DecisionWord => (typeof decision === 'string' ? decision : 'changed');

/** The reader's own label of a finding; null where the model's stands. */
export const own_label = (review: Review | null): string | null =>
  review === null || typeof review.decision === 'string' ? null : review.decision.changed.label;

/** `cpu`, or `cuda:0` and so on. */
export const device_word = (device: Device): string => (typeof device === 'string' ? device : `cuda:${device.cuda}`);
