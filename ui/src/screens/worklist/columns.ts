/** The columns of the worklist, in order; `sort` is null where the program does not sort by it. */
import type { WorklistColumn } from '../../ipc';
import type { Key } from '../../words/index.svelte';

export type Column = {
  id: string;
  title: Key;
  sort: WorklistColumn | null;
  /** which end a first press on the title starts with */ descending: boolean;
};

export const columns: readonly Column[] = [
  { id: 'picture', title: 'worklist.column.picture', sort: null, descending: false },
  { id: 'patient', title: 'worklist.column.patient', sort: 'name', descending: false },
  { id: 'patient_id', title: 'worklist.column.patient_id', sort: 'patient_id', descending: false },
  { id: 'date', title: 'worklist.column.date', sort: 'date', descending: true },
  { id: 'modality', title: 'worklist.column.modality', sort: 'modality', descending: false },
  { id: 'description', title: 'worklist.column.description', sort: null, descending: false },
  { id: 'state', title: 'worklist.column.state', sort: 'state', descending: false },
  { id: 'score', title: 'worklist.column.score', sort: 'suspicion', descending: true },
  { id: 'instances', title: 'worklist.column.instances', sort: 'instances', descending: true },
  { id: 'imported', title: 'worklist.column.imported', sort: 'imported', descending: true },
];
