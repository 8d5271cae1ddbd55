/** A series as it is scrolled: its slices as the program sent them, in its order. */
import type { Doubt, InstanceWire, Patient, SeriesWire, SliceWire, Study, StudyDetail } from '../ipc';

export type Slice = {
  /** names the frame in the loader and in Cornerstone */
  id: string;
  study_instance_uid: string;
  modality: string;
  instance: InstanceWire;
  frame: number;
  /** what the frame says of itself */
  plane: SliceWire;
};
/** Whose a study is, and what of it is doubted. */
export type Head = { patient: Patient; study: Study; doubts: readonly Doubt[] };
export type Stack = { study_instance_uid: string; series: SeriesWire; slices: readonly Slice[] };

export const slice_id = (sop_instance_uid: string, frame: number): string => `overread:${sop_instance_uid}/${frame}`;

export function stack_of(study_instance_uid: string, series: SeriesWire): Stack {
  const instances = new Map(series.instances.map((instance) => [instance.sop_instance_uid, instance]));
  const slices = series.slices.flatMap((plane) => {
    const instance = instances.get(plane.sop_instance_uid);
    if (instance === undefined) return [];
    const { sop_instance_uid, frame } = plane;
    const id = slice_id(sop_instance_uid, frame);
    return [{ id, study_instance_uid, modality: series.modality, instance, frame, plane }];
  });
  return { study_instance_uid, series, slices };
}

export function stacks_of(detail: Pick<StudyDetail, 'study_instance_uid' | 'series'>): Stack[] {
  return detail.series.map((series) => stack_of(detail.study_instance_uid, series));
}

export function index_of(stack: Stack, sop_instance_uid: string, frame: number): number {
  return stack.slices.findIndex(
    (slice) => slice.instance.sop_instance_uid === sop_instance_uid && slice.frame === frame,
  );
}
