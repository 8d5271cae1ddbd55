import { describe, expect, it } from 'vitest';
import { marks_of } from './marks';
import { frame_of } from './testing';

describe('what lies over a frame', () => {
  it('is drawn over what the shutter hides, and clear elsewhere', () => {
    const part = { shutter: new Uint32Array([0, 2]), overlay: new Uint32Array([1, 2]), shutter_level: 7 };
    const pixels = marks_of(frame_of(new Uint8Array(4), 2, part));
    expect(pixels === null ? null : [...pixels]).toEqual([0xff070707, 0xff0ad6ff, 0xff0ad6ff, 0]);
  });

  it('is nothing for a frame without marks', () => {
    expect(marks_of(frame_of(new Uint8Array(4), 2))).toBeNull();
  });
});
