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
export const floor = 0.2;
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
    any ||= line.some((value) => value >= floor * top);
  }
  return any ? { x, y, width, height, values: kept } : null;
}

export const map_bytes = (map: AnomalyMap): number =>
  map.blocks.reduce((sum, block) => sum + block.values.byteLength, 256);

export function map_value(map: AnomalyMap, x: number, y: number): number {
  const block = map.blocks.find((b) => x >= b.x && x < b.x + b.width && y >= b.y && y < b.y + b.height);
  return block === undefined ? 0 : (block.values[(y - block.y) * block.width + (x - block.x)] ?? 0) / top;
}

type Colour = readonly [number, number, number];
/** Steps of the scale: dark amber to nearly white, brighter for more, so that it reads without colour too. */
const steps: readonly (readonly [at: number, colour: Colour])[] = [
  [0, [60, 20, 8]],
  [0.2, [110, 36, 10]],
  [0.5, [214, 96, 16]],
  [0.75, [247, 176, 60]],
  [1, [255, 247, 210]],
];

/** Colour and opacity of a value, each 0..255; nothing below the floor. */
export function map_color(value: number): readonly [number, number, number, number] {
  if (value < floor) return [0, 0, 0, 0];
  const above = steps.findIndex(([at]) => at >= value);
  const [high_at, high] = steps[above === -1 ? steps.length - 1 : above] ?? [1, [255, 247, 210]];
  const [low_at, low] = steps[Math.max(0, (above === -1 ? steps.length : above) - 1)] ?? [0, high];
  const part = high_at === low_at ? 1 : Math.min((value - low_at) / (high_at - low_at), 1);
  const mix = (channel: 0 | 1 | 2): number => Math.round(low[channel] + (high[channel] - low[channel]) * part);
  return [mix(0), mix(1), mix(2), 255];
}

let table: Uint32Array | null = null;

/** Pixels (RGBA, little endian) for the 256 upper bytes of a value. */
function color_table(): Uint32Array {
  if (table !== null) return table;
  table = new Uint32Array(256);
  for (let level = 0; level < 256; level += 1) {
    const [r, g, b, a] = map_color((level + 0.5) / 256);
    table[level] = ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
  return table;
}

export function block_pixels(block: Block, into: Uint32Array): void {
  const colors = color_table();
  block.values.forEach((value, index) => (into[index] = colors[value >> 8] ?? 0));
}
