/**
 * A smaller copy of a frame for an image shown below half its size: the mean of each block of pixels, so that
 * small bright spots fade instead of flickering away. What is measured always comes from the frame itself.
 */
import { is_nothing, type Frame, type Samples } from './frame';

export type Reduced = {
  rows: number;
  cols: number;
  /** pixels of the frame for one pixel here */ across: number;
  down: number;
  samples: Samples;
};

/** Powers of two such that the copy is still drawn smaller than it is. */
export function reduction(pixels_on_screen: number): number {
  if (!(pixels_on_screen > 0)) return 1;
  return 2 ** Math.max(0, Math.floor(Math.log2(1 / pixels_on_screen)));
}

export function reduced(frame: Frame, across: number, down: number): Reduced {
  if (across === 1 && down === 1) return { rows: frame.rows, cols: frame.cols, across, down, samples: frame.samples };
  const cols = Math.ceil(frame.cols / across);
  const rows = Math.ceil(frame.rows / down);
  const channels = frame.color ? 3 : 1;
  const samples = same_kind(frame.samples, rows * cols * channels);
  if (!frame.color && !(samples instanceof Float32Array) && frame.padding === null) {
    mean_of_blocks(frame, across, down, rows, cols, samples);
    return { rows, cols, across, down, samples };
  }
  const whole = !(samples instanceof Float32Array);
  const sums = new Float64Array(cols * channels);
  const counts = new Uint32Array(cols * channels);
  for (let row = 0; row < rows; row += 1) {
    sums.fill(0);
    counts.fill(0);
    const last = Math.min((row + 1) * down, frame.rows);
    for (let y = row * down; y < last; y += 1) add_line(frame, y, across, channels, sums, counts);
    for (let at = 0; at < sums.length; at += 1) {
      const mean = (sums[at] ?? 0) / (counts[at] ?? 1);
      const nothing = whole ? (frame.padding?.[0] ?? 0) : NaN;
      samples[row * sums.length + at] = counts[at] === 0 ? nothing : whole ? Math.round(mean) : mean;
    }
  }
  return { rows, cols, across, down, samples };
}

/** The common case, whole numbers and one channel, in loops without a question in them: half the time of a new slice. */
function mean_of_blocks(frame: Frame, across: number, down: number, rows: number, cols: number, out: Samples): void {
  const { samples } = frame;
  const sums = new Float64Array(cols);
  const whole_blocks = Math.floor(frame.cols / across);
  for (let row = 0; row < rows; row += 1) {
    sums.fill(0);
    const first = row * down;
    const last = Math.min(first + down, frame.rows);
    for (let y = first; y < last; y += 1) {
      let at = y * frame.cols;
      for (let block = 0; block < whole_blocks; block += 1) {
        let sum = 0;
        for (const end = at + across; at < end; at += 1) sum += samples[at] as number;
        sums[block] = (sums[block] as number) + sum;
      }
      for (const end = (y + 1) * frame.cols; at < end; at += 1)
        sums[cols - 1] = (sums[cols - 1] as number) + (samples[at] as number);
    }
    const height = last - first;
    for (let block = 0; block < cols; block += 1) {
      const width = block < whole_blocks ? across : frame.cols - whole_blocks * across;
      out[row * cols + block] = Math.round((sums[block] as number) / (width * height));
    }
  }
}

function add_line(
  frame: Frame,
  y: number,
  across: number,
  channels: number,
  sums: Float64Array,
  counts: Uint32Array,
): void {
  const { samples, cols } = frame;
  let at = y * cols * channels;
  for (let x = 0; x < cols; x += 1) {
    const into = Math.floor(x / across) * channels;
    for (let channel = 0; channel < channels; channel += 1, at += 1) {
      const value = samples[at] ?? 0;
      // A value that is no number leaves its block to the others; a block of nothing else stays without a number.
      if (channels === 1 && is_nothing(frame, value)) continue;
      sums[into + channel] = (sums[into + channel] ?? 0) + value;
      counts[into + channel] = (counts[into + channel] ?? 0) + 1;
    }
  }
}

function same_kind(samples: Samples, length: number): Samples {
  if (samples instanceof Uint8Array) return new Uint8Array(length);
  if (samples instanceof Int8Array) return new Int8Array(length);
  if (samples instanceof Uint16Array) return new Uint16Array(length);
  if (samples instanceof Int16Array) return new Int16Array(length);
  return new Float32Array(length);
}
