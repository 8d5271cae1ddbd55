/** Which slice of another stack belongs to the one that is shown. */
import { depth_mm, parallel } from './geometry';
import type { Stack } from './stack';

/**
 * In one study, and across studies that share a frame of reference, slices meet by their place in the patient, when
 * both stacks have one and look the same way. Otherwise the patient was positioned again for every study: then, and
 * without places, they meet by their share of the stack.
 */
export function linked_index(from: Stack, index: number, to: Stack): number | null {
  const slice = from.slices[index];
  if (slice === undefined || to.slices.length === 0) return null;
  const by_place = share_places(from, index, to) ? nearest_index(slice.instance, to) : null;
  return by_place ?? share_index(index, from.slices.length, to.slices.length);
}

/** Whether places of one stack mean the same in the other. */
export function share_places(from: Stack, index: number, to: Stack): boolean {
  const here = from.slices[index]?.instance.frame_of_reference_uid ?? null;
  const there = new Set(to.slices.map((slice) => slice.instance.frame_of_reference_uid));
  // Files that name different frames of one study were moved between them; without names a study is its own frame.
  if (here !== null && !there.has(null)) return there.size === 1 && there.has(here);
  return from.study_instance_uid === to.study_instance_uid;
}

function nearest_index(instance: Stack['slices'][number]['instance'], to: Stack): number | null {
  let nearest: number | null = null;
  let least = Infinity;
  for (const [index, slice] of to.slices.entries()) {
    if (!parallel(instance, slice.instance)) return null;
    const here = depth_along(instance, slice.instance);
    if (here === null) return null;
    if (Math.abs(here) < least) {
      least = Math.abs(here);
      nearest = index;
    }
  }
  return nearest;
}

/** Signed distance of two parallel slices; both are measured along the first one's normal. */
function depth_along(a: Stack['slices'][number]['instance'], b: Stack['slices'][number]['instance']): number | null {
  const first = depth_mm(a);
  const second = depth_mm({ ...b, orientation: a.orientation });
  return first === null || second === null ? null : second - first;
}

export function share_index(index: number, from: number, to: number): number {
  if (from <= 1) return Math.min(index, to - 1);
  return Math.round((index / (from - 1)) * (to - 1));
}
