import { describe, expect, it } from 'vitest';
import { apply, fit_scale, inverse, matrix, panned, rotated, whole, zoomed, type Point, type View } from './view';

const extent = { rows: 200, cols: 400, spacing: null };
const tile = { width: 800, height: 600 };
const close = (a: Point, b: Point): void => {
  expect(a[0]).toBeCloseTo(b[0], 6);
  expect(a[1]).toBeCloseTo(b[1], 6);
};

describe('how a picture lies in its tile', () => {
  it('fits, with its middle in the middle', () => {
    expect(fit_scale(extent, tile, 0)).toBe(2);
    const m = matrix(whole, extent, tile);
    close(apply(m, [0, 0]), [0, 100]);
    close(apply(m, [400, 200]), [800, 500]);
  });

  it('fits on its side after a quarter turn', () => {
    expect(fit_scale(extent, tile, 90)).toBe(1.5);
    const m = matrix(rotated(whole, 90), extent, tile);
    // Turned clockwise the top left corner comes to the top right.
    close(apply(m, [0, 0]), [550, 0]);
    close(apply(m, [400, 0]), [550, 600]);
  });

  it('mirrors on the screen', () => {
    close(apply(matrix({ ...whole, flip_horizontal: true }, extent, tile), [0, 0]), [800, 100]);
    close(apply(matrix({ ...whole, flip_vertical: true }, extent, tile), [0, 0]), [0, 500]);
    const turned = { ...rotated(whole, 90), flip_horizontal: true };
    close(apply(matrix(turned, extent, tile), [0, 0]), [250, 0]);
  });

  it('turns clockwise on the screen also when it is mirrored', () => {
    const mirrored = { ...whole, flip_horizontal: true };
    const before = apply(matrix(mirrored, extent, tile), [0, 0]);
    const after = apply(matrix(rotated(mirrored, 90), extent, tile), [0, 0]);
    expect(before[0]).toBeGreaterThan(400);
    expect(before[1]).toBeLessThan(300);
    // From the top right to the bottom right.
    expect(after[0]).toBeGreaterThan(400);
    expect(after[1]).toBeGreaterThan(300);
  });

  it('comes back after four quarter turns', () => {
    expect([90, 90, 90, 90].reduce(rotated, whole)).toEqual(whole);
    expect(rotated(whole, -90).rotation).toBe(270);
  });

  it('shows anisotropic pixels in proportion', () => {
    const tall = { rows: 100, cols: 100, spacing: [2, 1] as Point };
    const m = matrix(whole, tall, { width: 1000, height: 400 });
    const [x0, y0] = apply(m, [0, 0]);
    const [x1, y1] = apply(m, [100, 100]);
    expect((y1 - y0) / (x1 - x0)).toBeCloseTo(2, 9);
  });

  it('finds every place again', () => {
    for (const rotation of [0, 90, 180, 270]) {
      for (const flip_horizontal of [false, true]) {
        for (const flip_vertical of [false, true]) {
          const view: View = { zoom: 3.7, center: [0.31, 0.62], rotation, flip_horizontal, flip_vertical };
          const m = matrix(view, { ...extent, spacing: [0.8, 0.5] }, tile);
          close(apply(inverse(m), apply(m, [123.5, 45.5])), [123.5, 45.5]);
          close(apply(m, [0.31 * 400, 0.62 * 200]), [400, 300]);
        }
      }
    }
  });

  it('zooms about the pointer', () => {
    for (const view of [whole, { ...rotated(whole, 90), flip_vertical: true }]) {
      const about: Point = [233, 411];
      const held = apply(inverse(matrix(view, extent, tile)), about);
      const next = zoomed(view, extent, tile, 2.5, about);
      expect(next.zoom).toBeCloseTo(view.zoom * 2.5, 9);
      close(apply(matrix(next, extent, tile), held), about);
    }
  });

  it('follows the hand when it is panned, whatever way it is turned', () => {
    const view = { ...rotated(whole, 270), flip_horizontal: true, zoom: 2 };
    const place: Point = [200, 100];
    const before = apply(matrix(view, extent, tile), place);
    const after = apply(matrix(panned(view, extent, tile, 31, -17), extent, tile), place);
    close(after, [before[0] + 31, before[1] - 17]);
  });

  it('does not zoom beyond sense or pan out of sight', () => {
    expect(zoomed(whole, extent, tile, 1e9, [0, 0]).zoom).toBe(200);
    const far = panned(whole, extent, tile, 1e6, 0);
    expect(far.center[0]).toBeGreaterThanOrEqual(-0.5);
  });
});
