/** One tile of the viewer: which slice it shows and how. Everything about an image on the screen follows from here. */
import type { StackViewport, Types } from '@cornerstonejs/core';
import type { Failure } from '../ipc';
import { as_failure } from '../state/failures';
import { disable, enable, know } from './cornerstone';
import { frames } from './frames.svelte';
import type { Frame, Window } from './frame';
import {
  corner_from_pixel,
  pixel_from_corner,
  pixel_from_world,
  plane_of,
  world_from_pixel,
  pixel_shape,
} from './geometry';
import { Painter } from './painter';
import type { Slice, Stack } from './stack';
import {
  apply,
  centered,
  clamp,
  inverse,
  matrix,
  scaled,
  whole,
  type Extent,
  type Matrix,
  type Point,
  type Size,
  type View,
} from './view';

export type Shown = { slice: Slice; index: number; frame: Frame; extent: Extent };
/** What undo brings back: how a tile shows, not which slice. */
export type Appearance = { view: View; window: Window | null; inverted: boolean };

const nowhere: Types.Point3 = [0, 0, 0];

export class Tile {
  readonly id: string;
  stack = $state.raw<Stack | null>(null);
  /** the slice that is wanted; `shown` follows when its frame is there */
  index = $state(0);
  shown = $state.raw<Shown | null>(null);
  loading = $state(false);
  failure = $state.raw<Failure | null>(null);
  view = $state.raw<View>(whole);
  /** null is the file's own */
  window = $state.raw<Window | null>(null);
  inverted = $state(false);
  /** whether shutters and overlay planes of the file are shown */
  marks = $state(true);
  size = $state.raw<Size>({ width: 1, height: 1 });
  /** pixel under the pointer, counted from pixel centres */
  pointer = $state.raw<Point | null>(null);
  /** images drawn so far; tests wait for it */
  drawn = $state(0);
  direction: 1 | -1 = 1;
  /** last window of a stack whose files bring none: it stays while one scrolls, or the image would flicker */
  #held = $state.raw<Window | null>(null);
  matrix = $derived<Matrix | null>(this.shown === null ? null : matrix(this.view, this.shown.extent, this.size));
  own_window = $derived<Window>(this.#own());
  window_now = $derived<Window>(this.window ?? this.own_window);

  #viewport: StackViewport | null = null;
  #mounted: Stack | null = null;
  readonly #painter = new Painter();

  constructor(id: string) {
    this.id = id;
  }

  get count(): number {
    return this.stack?.slices.length ?? 0;
  }

  /** Connects the tile with its place in the page; the answer disconnects it. */
  attach(element: HTMLDivElement, canvas: HTMLCanvasElement): () => void {
    const viewport = enable(this.id, element, canvas, (into) => this.#paint(into));
    viewport.canvasToWorld = (at) => this.#world_from_canvas(at);
    viewport.worldToCanvas = (at) => this.#canvas_from_world(at);
    this.#viewport = viewport;
    this.#mounted = null;
    if (this.shown !== null) this.#mount(this.shown.index);
    return () => {
      this.#viewport = null;
      this.#mounted = null;
      disable(this.id);
    };
  }

  set_stack(stack: Stack | null, index = 0): void {
    if (stack !== null) know(stack.slices);
    this.stack = stack;
    this.shown = null;
    this.failure = null;
    this.loading = false;
    this.view = whole;
    this.window = null;
    this.inverted = false;
    this.marks = true;
    this.#held = null;
    this.#mounted = null;
    this.direction = 1;
    if (stack !== null && stack.slices.length > 0) this.show(index);
  }

  /** The same stack with news about its instances; what is on the screen stays. */
  renew_stack(stack: Stack): void {
    know(stack.slices);
    const here = this.shown?.slice.id;
    const index = stack.slices.findIndex((slice) => slice.id === here);
    if (this.shown === null || index < 0) {
      this.set_stack(stack, clamp(this.index, 0, Math.max(0, stack.slices.length - 1)));
      return;
    }
    const same = this.stack?.slices.length === stack.slices.length && index === this.shown.index;
    if (same && this.#mounted === this.stack) this.#mounted = stack;
    this.stack = stack;
    if (same) return;
    this.shown = { ...this.shown, index };
    this.#mounted = null;
    this.show(index);
  }

  show(wanted: number): void {
    const { stack } = this;
    if (stack === null) return;
    const index = clamp(Math.round(wanted), 0, stack.slices.length - 1);
    const slice = stack.slices[index];
    if (slice === undefined) return;
    if (index !== this.index) this.direction = index > this.index ? 1 : -1;
    this.index = index;
    const frame = frames.ready(slice.id);
    if (frame !== undefined) {
      this.#present(slice, index, frame);
      return;
    }
    this.loading = true;
    const still = (): boolean => this.stack === stack && this.index === index;
    frames.load(slice.id).then(
      (loaded) => {
        if (still()) this.#present(slice, index, loaded);
      },
      (thrown: unknown) => {
        if (!still()) return;
        this.loading = false;
        this.shown = null;
        this.failure = as_failure(thrown);
      },
    );
  }

  retry(): void {
    this.failure = null;
    this.show(this.index);
  }

  step(by: number): void {
    this.show(this.index + by);
  }

  appearance(): Appearance {
    return { view: this.view, window: this.window, inverted: this.inverted };
  }

  wear({ view, window, inverted }: Appearance): void {
    this.view = view;
    this.window = window;
    this.inverted = inverted;
  }

  /** Brings a place of the image (corner coordinates) into the middle, near enough to be seen. */
  center_on(place: Point, least_zoom: number): void {
    if (this.shown === null) return;
    const zoom = Math.max(this.view.zoom, least_zoom);
    this.view = centered({ ...this.view, zoom }, this.shown.extent, place);
  }

  redraw(): void {
    if (this.shown !== null) this.#viewport?.render();
  }

  /** Pixel under a place of the tile, counted from pixel centres. */
  pixel_at(at: Point): Point | null {
    return this.matrix === null ? null : pixel_from_corner(apply(inverse(this.matrix), at));
  }

  #present(slice: Slice, index: number, frame: Frame): void {
    const { rows, cols } = frame;
    this.shown = { slice, index, frame, extent: { rows, cols, spacing: pixel_shape(slice.plane) } };
    this.#held ??= frame.window;
    this.loading = false;
    this.failure = null;
    this.#mount(index);
  }

  #mount(index: number): void {
    const viewport = this.#viewport;
    const { stack } = this;
    if (viewport === null || stack === null) return;
    if (this.#mounted === stack) {
      void viewport.setImageIdIndex(index);
      viewport.render();
      return;
    }
    this.#mounted = stack;
    void viewport.setStack(
      stack.slices.map((slice) => slice.id),
      index,
    );
  }

  #own(): Window {
    const shown = this.shown;
    if (shown === null) return { center: 127.5, width: 255 };
    const brings_one = shown.slice.plane.windows.length > 0 || shown.frame.color;
    return brings_one ? shown.frame.window : (this.#held ?? shown.frame.window);
  }

  #paint(canvas: HTMLCanvasElement): void {
    const shown = this.shown;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (shown === null || context === null || this.matrix === null || this.size.width < 2) return;
    const m = scaled(this.matrix, canvas.width / this.size.width);
    this.#painter.paint(
      context,
      shown.frame,
      { window: this.window_now, inverted: this.inverted, marks: this.marks },
      m,
    );
    this.drawn += 1;
  }

  #world_from_canvas(at: Types.Point2): Types.Point3 {
    if (this.matrix === null || this.shown === null) return [...nowhere];
    const pixel = pixel_from_corner(apply(inverse(this.matrix), at));
    return [...world_from_pixel(plane_of(this.shown.slice.plane), pixel)];
  }

  #canvas_from_world(world: Types.Point3): Types.Point2 {
    if (this.matrix === null || this.shown === null) return [0, 0];
    const pixel = pixel_from_world(plane_of(this.shown.slice.plane), world);
    return [...apply(this.matrix, corner_from_pixel(pixel))];
  }
}
