/** Windows a person can choose: the presets, and what a drag does to one. */
import { ct_presets, relative_presets } from '../ipc/generated/presets';
import type { Frame, Window } from './frame';

export type Preset = { id: string; window: Window };
/** Nine presets of a modality, in the order of the keys 1 to 9. `own` is the window of the file. */
export function presets(modality: string, frame: Frame, own: Window): Preset[] {
  if (modality === 'CT' && !frame.color)
    return ct_presets.map(({ id, center, width }) => ({ id, window: { center, width } }));
  return relative_presets.map(({ id, center, width }) => ({
    id,
    window: width === 0 ? full_window(frame) : part(own, center, width),
  }));
}

/** Every value of the frame between black and white. */
export function full_window(frame: Frame): Window {
  const low = frame.min * frame.slope + frame.intercept;
  const high = frame.max * frame.slope + frame.intercept;
  const width = Math.abs(high - low);
  return { center: (low + high) / 2, width: width > 0 ? width : 1 };
}

function part(own: Window, center: number, width: number): Window {
  return { center: own.center + (center - 0.5) * own.width, width: own.width * width };
}

/** How much one pixel of a drag changes a window: a hair of the values there are, coarse and fine by the keys. */
export function window_step(frame: Frame, pace: Pace): number {
  const range = Math.abs(frame.max - frame.min) * Math.abs(frame.slope);
  return (range > 0 ? Math.min(range / 1024, 4) : 1) * pace_factor(pace);
}

export type Pace = 'coarse' | 'plain' | 'fine';
export const pace_of = (event: { ctrlKey: boolean; shiftKey: boolean }): Pace =>
  event.ctrlKey ? 'coarse' : event.shiftKey ? 'fine' : 'plain';
export const pace_factor = (pace: Pace): number => ({ coarse: 4, plain: 1, fine: 0.25 })[pace];

/** Right is wider, up is brighter: a brighter image has a lower centre, or a higher one where low values are bright. */
export function dragged_window(
  window: Window,
  right: number,
  up: number,
  step: number,
  low_is_bright: boolean,
): Window {
  const narrowest = Math.min(step, 1);
  return {
    center: window.center + (low_is_bright ? up : -up) * step,
    width: Math.max(narrowest, window.width + right * step),
  };
}
