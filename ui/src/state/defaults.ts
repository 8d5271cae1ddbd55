/** Settings of a new machine; the program sends the same. */
import { map_scale } from '../ipc/generated/map_scale';
import type { Settings } from '../ipc/generated/wire';

export const defaults: Settings = {
  language: 'en',
  theme: 'dark',
  shortcut_profile: 'default',
  shortcuts: {},
  memory_budget_mb: 128,
  device: 'auto',
  analyze_after_import: true,
  read_first: false,
  lock_after_minutes: 15,
  worklist_order: { by: 'suspicion', descending: true },
  map_opacity: map_scale.opacity,
  overlay_text: 1,
};
