/**
 * How an image lies in its tile, and the matrix that follows from it.
 * Places in the image are corner coordinates: (0,0) is the top left corner of the top left pixel, so the centre of
 * pixel (x, y) lies at (x + 0.5, y + 0.5). Outlines use the same; annotations and values count from pixel centres.
 */
export type Point = readonly [number, number];
/** As a canvas takes it: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number];
export type Size = { readonly width: number; readonly height: number };
/** What a view needs to know of an image. */
export type Extent = {
  readonly rows: number;
  readonly cols: number;
  /** [between rows, between columns] */ readonly spacing: Point | null;
};

export type View = {
  /** 1 shows the whole image */
  readonly zoom: number;
  /** the place in the middle of the tile, as shares of the image's width and height */
  readonly center: Point;
  /** degrees clockwise, a multiple of 90 */
  readonly rotation: number;
  /** mirrored on the screen after the rotation: left and right, top and bottom */
  readonly flip_horizontal: boolean;
  readonly flip_vertical: boolean;
};

export const whole: View = { zoom: 1, center: [0.5, 0.5], rotation: 0, flip_horizontal: false, flip_vertical: false };
export const zoom_limits = { least: 0.1, most: 200 } as const;

/** Width and height of one pixel in units of the smaller of the two, so that anisotropic pixels show in proportion. */
export function pixel_shape(spacing: Point | null): Point {
  if (spacing === null) return [1, 1];
  const [between_rows, between_cols] = spacing;
  if (!(between_rows > 0) || !(between_cols > 0)) return [1, 1];
  const unit = Math.min(between_rows, between_cols);
  return [between_cols / unit, between_rows / unit];
}

/** Screen pixels for a pixel of the image's smaller side at zoom 1. */
export function fit_scale(extent: Extent, tile: Size, rotation: number): number {
  const [shape_x, shape_y] = pixel_shape(extent.spacing);
  const width = extent.cols * shape_x;
  const height = extent.rows * shape_y;
  const across = is_quarter(rotation) ? height : width;
  const down = is_quarter(rotation) ? width : height;
  return Math.min(tile.width / across, tile.height / down);
}

const is_quarter = (rotation: number): boolean => Math.abs(rotation % 180) === 90;

/** Turn and mirror without scale: the columns say where the image's x and y point on the screen. */
export function turn(view: View): readonly [number, number, number, number] {
  const angle = (view.rotation * Math.PI) / 180;
  const cos = Math.round(Math.cos(angle));
  const sin = Math.round(Math.sin(angle));
  const mirror_x = view.flip_horizontal ? -1 : 1;
  const mirror_y = view.flip_vertical ? -1 : 1;
  return [mirror_x * cos, mirror_y * sin, mirror_x * -sin, mirror_y * cos];
}

/** From corner coordinates of the image to pixels of the tile. */
export function matrix(view: View, extent: Extent, tile: Size): Matrix {
  const scale = fit_scale(extent, tile, view.rotation) * view.zoom;
  const [shape_x, shape_y] = pixel_shape(extent.spacing);
  const [xx, xy, yx, yy] = turn(view);
  const a = xx * scale * shape_x;
  const b = xy * scale * shape_x;
  const c = yx * scale * shape_y;
  const d = yy * scale * shape_y;
  const x = view.center[0] * extent.cols;
  const y = view.center[1] * extent.rows;
  return [a, b, c, d, tile.width / 2 - a * x - c * y, tile.height / 2 - b * x - d * y];
}

export function apply(m: Matrix, [x, y]: Point): Point {
  return [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
}

export function inverse([a, b, c, d, e, f]: Matrix): Matrix {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

export function scaled(m: Matrix, factor: number): Matrix {
  return [m[0] * factor, m[1] * factor, m[2] * factor, m[3] * factor, m[4] * factor, m[5] * factor];
}

/** Turned on the screen, whatever way the image is mirrored. */
export function rotated(view: View, degrees: number): View {
  const mirrored = view.flip_horizontal !== view.flip_vertical;
  return { ...view, rotation: (((view.rotation + (mirrored ? -degrees : degrees)) % 360) + 360) % 360 };
}

export function panned(view: View, extent: Extent, tile: Size, right: number, down: number): View {
  const back = inverse(matrix(view, extent, tile));
  const [x, y] = apply(back, [tile.width / 2 - right, tile.height / 2 - down]);
  return { ...view, center: [clamp(x / extent.cols, -0.5, 1.5), clamp(y / extent.rows, -0.5, 1.5)] };
}

/** Zoomed so that the place under `about` (pixels of the tile) stays there. */
export function zoomed(view: View, extent: Extent, tile: Size, factor: number, about: Point): View {
  const zoom = clamp(view.zoom * factor, zoom_limits.least, zoom_limits.most);
  const held = apply(inverse(matrix(view, extent, tile)), about);
  const next = { ...view, zoom };
  const lands = apply(matrix(next, extent, tile), held);
  return panned(next, extent, tile, about[0] - lands[0], about[1] - lands[1]);
}

/** Zoomed in enough to see it, with `place` (corner coordinates) in the middle. */
export function centered(view: View, extent: Extent, place: Point): View {
  return { ...view, center: [place[0] / extent.cols, place[1] / extent.rows] };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
