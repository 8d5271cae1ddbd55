import { map_scale } from '../ipc/generated/map_scale';

/**
 * An AnomalyMap as the program hands it over (OVM1), kept sparse: only blocks that hold anything above the floor.
 * One scale for every image: 0 is 0 and 1 is 1, never stretched to the image, so that a healthy scan stays dark.
 */
export type AnomalyMap = {
  rows: number;
  cols: number;
  /** of the whole map, 0..1 */ max: number;
  blocks: readonly Block[];
};
/** `edge` squared values, row by row; 0..65535 stand for 0..1. */
export type Block = { x: number; y: number; width: number; height: number; values: Uint16Array };

/** Below it a map says nothing a person should look at; it is the same for every image and stands in the legend. */
export const floor = map_scale.floor;
const edge = 64;
const top = 65535;

export function parse_map(bytes: ArrayBuffer): AnomalyMap {
  const view = new DataView(bytes);
  const magic =
    bytes.byteLength < 12
      ? ''
      : String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));
  if (magic !== 'OVM1') throw new Error('the bytes of a map do not begin with OVM1');
  const rows = view.getUint32(4, true);
  const cols = view.getUint32(8, true);
  const values = new Uint16Array(bytes, 12);
  if (values.length !== rows * cols) throw new Error(`a map of ${cols} x ${rows} holds ${values.length} values`);
  let max = 0;
  for (const value of values) if (value > max) max = value;
  const blocks: Block[] = [];
  for (let y = 0; y < rows; y += edge) {
    for (let x = 0; x < cols; x += edge) {
      const block = cut(values, rows, cols, x, y);
      if (block !== null) blocks.push(block);
    }
  }
  return { rows, cols, max: max / top, blocks };
}

function cut(values: Uint16Array, rows: number, cols: number, x: number, y: number): Block | null {
  const width = Math.min(edge, cols - x);
  const height = Math.min(edge, rows - y);
  const kept = new Uint16Array(width * height);
  let any = false;
  for (let row = 0; row < height; row += 1) {
    const line = values.subarray((y + row) * cols + x, (y + row) * cols + x + width);
    kept.set(line, row * width);
    any ||= line.some((value) => value >= map_scale.first_drawn);
  }
  return any ? { x, y, width, height, values: kept } : null;
}

export const map_bytes = (map: AnomalyMap): number =>
  map.blocks.reduce((sum, block) => sum + block.values.byteLength, 256);

export function map_value(map: AnomalyMap, x: number, y: number): number {
  const block = map.blocks.find((b) => x >= b.x && x < b.x + b.width && y >= b.y && y < b.y + b.height);
  return block === undefined ? 0 : (block.values[(y - block.y) * block.width + (x - block.x)] ?? 0) / top;
}

/** Colour and opacity of a value of a map (0..65535), each 0..255; nothing below the floor. */
export function map_color(value: number): readonly [number, number, number, number] {
  if (value < map_scale.first_drawn) return [0, 0, 0, 0];
  const colour = map_scale.colours[value >> 8] ?? 0xffffff;
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff, 255];
}

/** The colours of the legend from the floor (share 0) to 1 (share 1); below the floor nothing is drawn, there too. */
export function legend_stops(count = 17): { share: number; colour: readonly [number, number, number] }[] {
  return Array.from({ length: count }, (_, at) => {
    const share = at / (count - 1);
    const [r, g, b] = map_color(Math.ceil((floor + share * (1 - floor)) * top));
    return { share, colour: [r, g, b] };
  });
}

/** Pixels (RGBA, little endian) for the 256 upper bytes of a value. */
const pixels = Uint32Array.from(
  map_scale.colours,
  (colour) => (0xff000000 | ((colour & 0xff) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0,
);

export function block_pixels(block: Block, into: Uint32Array): void {
  block.values.forEach((value, index) => (into[index] = value < map_scale.first_drawn ? 0 : (pixels[value >> 8] ?? 0)));
}
