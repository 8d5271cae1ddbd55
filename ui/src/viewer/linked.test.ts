import { describe, expect, it } from 'vitest';
import { linked_index, share_index, share_places } from './linked';
import { stack_of } from './stack';
import { axial_stack, instance_of, series_of } from './testing';

describe('linked scrolling', () => {
  it('meets at the same place in the patient within a study', () => {
    const thick = axial_stack('1', [0, 10, 20, 30]);
    const thin = axial_stack(
      '1',
      Array.from({ length: 31 }, (_, z) => z),
    );
    expect(linked_index(thick, 2, thin)).toBe(20);
    expect(linked_index(thin, 14, thick)).toBe(1);
    expect(linked_index(thin, 16, thick)).toBe(2);
  });

  it('meets also where one stack runs from the feet and one from the head', () => {
    const up = axial_stack('1', [0, 10, 20, 30]);
    const down = axial_stack('1', [30, 20, 10, 0]);
    expect(linked_index(up, 0, down)).toBe(3);
  });

  it('meets at the same share across studies, where the patient was positioned again', () => {
    const now = axial_stack('1', [0, 10, 20, 30, 40]);
    const before = axial_stack('2', [500, 510, 520]);
    expect(linked_index(now, 4, before)).toBe(2);
    expect(linked_index(now, 2, before)).toBe(1);
  });

  it('meets at the same place across studies that share a frame of reference, and in none that do not', () => {
    const now = axial_stack('1', [0, 10, 20, 30, 40], 'f1');
    const before = axial_stack('2', [20, 30, 40], 'f1');
    expect(linked_index(now, 2, before)).toBe(0);
    expect(linked_index(now, 3, before)).toBe(1);
    expect(linked_index(before, 0, now)).toBe(2);
    expect(share_places(now, 0, before)).toBe(true);
    const moved = axial_stack('1', [20, 30, 40], 'f2');
    expect(linked_index(now, 2, moved)).toBe(1);
    expect(share_places(now, 0, moved)).toBe(false);
    expect(share_places(now, 0, axial_stack('2', [20, 30, 40]))).toBe(false);
  });

  it('meets at the same share where a stack has no places or looks another way', () => {
    const axial = axial_stack('1', [0, 10, 20]);
    const plain = stack_of(
      '1',
      series_of([1, 2, 3, 4, 5].map((number) => instance_of({ sop_instance_uid: `p${number}`, number }))),
    );
    expect(linked_index(axial, 1, plain)).toBe(2);
    const sagittal = stack_of(
      '1',
      series_of(
        [1, 2, 3].map((number) =>
          instance_of({
            sop_instance_uid: `s${number}`,
            number,
            position_mm: [number, 0, 0],
            orientation: [0, 1, 0, 0, 0, -1],
          }),
        ),
      ),
    );
    expect(linked_index(axial, 2, sagittal)).toBe(2);
  });

  it('has no answer for an empty stack', () => {
    expect(linked_index(axial_stack('1', [0]), 0, axial_stack('2', []))).toBeNull();
    expect(share_index(0, 1, 5)).toBe(0);
  });
});

describe('the order of a stack', () => {
  it('goes by number, else along the body, and skips what has no picture', () => {
    const at = (z: number, number: number | null, frames = 1) =>
      instance_of({
        sop_instance_uid: `z${z}`,
        number,
        frames,
        position_mm: [0, 0, z],
        orientation: [1, 0, 0, 0, 1, 0],
      });
    const by_number = stack_of('1', series_of([at(0, 3), at(10, 1), at(20, 2, 0)]));
    expect(by_number.slices.map((slice) => slice.instance.sop_instance_uid)).toEqual(['z10', 'z0']);
    const by_place = stack_of('1', series_of([at(20, null), at(0, null), at(10, null)]));
    expect(by_place.slices.map((slice) => slice.instance.sop_instance_uid)).toEqual(['z0', 'z10', 'z20']);
  });

  it('has a slice for each frame', () => {
    const stack = stack_of('1', series_of([instance_of({ frames: 3 })]));
    expect(stack.slices.map((slice) => slice.frame)).toEqual([0, 1, 2]);
    expect(new Set(stack.slices.map((slice) => slice.id)).size).toBe(3);
  });
});
