/**
 * Draws a frame into a canvas: a table from stored values to greys, applied in the processor to the part that shows.
 * Why not the graphics card: docs/decisions/0016-how-the-viewer-draws.md.
 */
import type { Frame, Window } from './frame';
import { fill_channel_table, fill_table, float_pixel, table_size } from './grey';
import { marks_of } from './marks';
import { reduced, reduction, type Reduced } from './reduce';
import { apply, clamp, inverse, type Matrix } from './view';

export type Look = { window: Window; inverted: boolean; /** shutters and overlay planes are shown */ marks: boolean };
type Box = { left: number; top: number; width: number; height: number };

/** Below this a line one pixel wide would vanish between two pixels of the screen. */
const thinnest = 1.5;

export class Painter {
  #scratch: HTMLCanvasElement | null = null;
  #pixels: ImageData | null = null;
  #table = new Uint32Array(65536);
  #small: { of: Frame; copy: Reduced } | null = null;
  #marks: { of: Frame; canvas: HTMLCanvasElement | null } | null = null;

  /** `m` goes from corner coordinates of the frame to pixels of the canvas. */
  paint(context: CanvasRenderingContext2D, frame: Frame, look: Look, m: Matrix): void {
    const { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    const copy = this.#copy(frame, m);
    const box = seen_box(copy, m, width, height);
    if (box === null) return;
    const scratch = this.#scratch_for(box);
    if (scratch === null) return;
    const { pixels, canvas, brush } = scratch;
    this.#fill(new Uint32Array(pixels.data.buffer), pixels.width, frame, copy, box, look);
    brush.putImageData(pixels, 0, 0, 0, 0, box.width, box.height);
    const [a, b, c, d, e, f] = thickened(m, frame);
    context.setTransform(a * copy.across, b * copy.across, c * copy.down, d * copy.down, e, f);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'low';
    // The last block of a reduced copy may reach beyond the frame; it is drawn as far as the frame goes.
    const drawn_width = Math.min(box.width, frame.cols / copy.across - box.left);
    const drawn_height = Math.min(box.height, frame.rows / copy.down - box.top);
    context.drawImage(canvas, 0, 0, drawn_width, drawn_height, box.left, box.top, drawn_width, drawn_height);
    const over = look.marks ? this.#marks_of(frame) : null;
    if (over !== null) {
      context.setTransform(a, b, c, d, e, f);
      context.drawImage(over, 0, 0);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  #marks_of(frame: Frame): HTMLCanvasElement | null {
    if (this.#marks?.of === frame) return this.#marks.canvas;
    const pixels = marks_of(frame);
    let canvas: HTMLCanvasElement | null = null;
    if (pixels !== null) {
      canvas = document.createElement('canvas');
      canvas.width = frame.cols;
      canvas.height = frame.rows;
      const image = new ImageData(frame.cols, frame.rows);
      new Uint32Array(image.data.buffer).set(pixels);
      canvas.getContext('2d')?.putImageData(image, 0, 0);
    }
    this.#marks = { of: frame, canvas };
    return canvas;
  }

  #copy(frame: Frame, m: Matrix): Reduced {
    const across = Math.min(reduction(Math.hypot(m[0], m[1])), frame.cols);
    const down = Math.min(reduction(Math.hypot(m[2], m[3])), frame.rows);
    const kept = this.#small;
    if (kept !== null && kept.of === frame && kept.copy.across === across && kept.copy.down === down) return kept.copy;
    const copy = reduced(frame, across, down);
    this.#small = { of: frame, copy };
    return copy;
  }

  #scratch_for(box: Box): { canvas: HTMLCanvasElement; brush: CanvasRenderingContext2D; pixels: ImageData } | null {
    this.#scratch ??= document.createElement('canvas');
    const canvas = this.#scratch;
    if (canvas.width < box.width || canvas.height < box.height) {
      canvas.width = Math.max(canvas.width, box.width);
      canvas.height = Math.max(canvas.height, box.height);
      this.#pixels = null;
    }
    // Kept in main memory: an accelerated canvas would copy every image to the graphics card and back.
    const brush = canvas.getContext('2d', { willReadFrequently: true });
    if (brush === null) return null;
    this.#pixels ??= new ImageData(canvas.width, canvas.height);
    return { canvas, brush, pixels: this.#pixels };
  }

  #fill(out: Uint32Array, stride: number, frame: Frame, copy: Reduced, box: Box, { window, inverted }: Look): void {
    if (frame.color) return fill_color(out, stride, copy, box, window, inverted);
    const { samples, cols } = copy;
    const size = table_size(samples);
    if (size === 0) {
      for (let row = 0; row < box.height; row += 1) {
        let from = (box.top + row) * cols + box.left;
        const start = row * stride;
        for (let x = start; x < start + box.width; x += 1, from += 1)
          out[x] = float_pixel(samples[from] ?? 0, frame, window, inverted);
      }
      return;
    }
    const table = size === this.#table.length ? this.#table : this.#table.subarray(0, size);
    fill_table(table, frame, window, inverted);
    const mask = size - 1;
    for (let row = 0; row < box.height; row += 1) {
      let from = (box.top + row) * cols + box.left;
      const start = row * stride;
      for (let x = start; x < start + box.width; x += 1, from += 1) out[x] = table[(samples[from] ?? 0) & mask] ?? 0;
    }
  }
}

function fill_color(
  out: Uint32Array,
  stride: number,
  copy: Reduced,
  box: Box,
  window: Window,
  inverted: boolean,
): void {
  const { samples, cols } = copy;
  const table = new Uint8Array(256);
  fill_channel_table(table, window, inverted);
  for (let row = 0; row < box.height; row += 1) {
    let from = ((box.top + row) * cols + box.left) * 3;
    const start = row * stride;
    for (let x = start; x < start + box.width; x += 1, from += 3) {
      const r = table[samples[from] ?? 0] ?? 0;
      const g = table[samples[from + 1] ?? 0] ?? 0;
      const b = table[samples[from + 2] ?? 0] ?? 0;
      out[x] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    }
  }
}

/** The part of the copy that shows in a canvas of this size, in its pixels; null when nothing does. */
export function seen_box(
  copy: Pick<Reduced, 'rows' | 'cols' | 'across' | 'down'>,
  m: Matrix,
  width: number,
  height: number,
): Box | null {
  const back = inverse(m);
  const corners = [
    apply(back, [0, 0]),
    apply(back, [width, 0]),
    apply(back, [0, height]),
    apply(back, [width, height]),
  ];
  const xs = corners.map(([x]) => x / copy.across);
  const ys = corners.map(([, y]) => y / copy.down);
  const left = clamp(Math.floor(Math.min(...xs)) - 1, 0, copy.cols);
  const right = clamp(Math.ceil(Math.max(...xs)) + 1, 0, copy.cols);
  const top = clamp(Math.floor(Math.min(...ys)) - 1, 0, copy.rows);
  const bottom = clamp(Math.ceil(Math.max(...ys)) + 1, 0, copy.rows);
  if (right <= left || bottom <= top) return null;
  return { left, top, width: right - left, height: bottom - top };
}

/** An image that is a line (1 x 20000) is drawn wide enough to be seen; its middle stays where it is. */
export function thickened(m: Matrix, frame: Pick<Frame, 'rows' | 'cols'>): Matrix {
  const wide = Math.hypot(m[0], m[1]) * frame.cols;
  const high = Math.hypot(m[2], m[3]) * frame.rows;
  const x = wide < thinnest ? thinnest / wide : 1;
  const y = high < thinnest ? thinnest / high : 1;
  if (x === 1 && y === 1) return m;
  const [a, b, c, d, e, f] = m;
  const shift = (part: number, along: number, across: number): number =>
    part + ((along * frame.cols) / 2) * (1 - x) + ((across * frame.rows) / 2) * (1 - y);
  return [a * x, b * x, c * y, d * y, shift(e, a, c), shift(f, b, d)];
}
