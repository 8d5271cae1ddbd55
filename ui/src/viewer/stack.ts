/** A series as it is scrolled: one slice for each frame of each instance that has an image. */
import type { InstanceWire, SeriesWire, StudyDetail } from '../ipc';
import { depth_mm, parallel } from './geometry';

export type Slice = {
  /** names the frame in the loader and in Cornerstone */
  id: string;
  study_instance_uid: string;
  modality: string;
  instance: InstanceWire;
  frame: number;
};
export type Stack = { study_instance_uid: string; series: SeriesWire; slices: readonly Slice[] };

export const slice_id = (sop_instance_uid: string, frame: number): string => `overread:${sop_instance_uid}/${frame}`;

export function stack_of(study_instance_uid: string, series: SeriesWire): Stack {
  const pictures = in_order(series.instances.filter((instance) => instance.frames > 0));
  const slices = pictures.flatMap((instance) =>
    Array.from({ length: instance.frames }, (_, frame) => ({
      id: slice_id(instance.sop_instance_uid, frame),
      study_instance_uid,
      modality: series.modality,
      instance,
      frame,
    })),
  );
  return { study_instance_uid, series, slices };
}

export function stacks_of(detail: Pick<StudyDetail, 'study_instance_uid' | 'series'>): Stack[] {
  return detail.series.map((series) => stack_of(detail.study_instance_uid, series));
}

/** By number where every instance has its own, otherwise along the body, otherwise as they came. */
function in_order(instances: readonly InstanceWire[]): InstanceWire[] {
  const numbers = instances.map((instance) => instance.number);
  if (numbers.every((number) => number !== null) && new Set(numbers).size === numbers.length) {
    return [...instances].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  }
  const [first] = instances;
  if (first !== undefined && instances.every((instance) => parallel(first, instance))) {
    return [...instances].sort((a, b) => (depth_mm(a) ?? 0) - (depth_mm(b) ?? 0));
  }
  return [...instances];
}

export function index_of(stack: Stack, sop_instance_uid: string, frame: number): number {
  return stack.slices.findIndex(
    (slice) => slice.instance.sop_instance_uid === sop_instance_uid && slice.frame === frame,
  );
}
