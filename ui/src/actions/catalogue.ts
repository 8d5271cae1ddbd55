/**
 * Every action of the interface by name: its place, and its keys in each profile.
 * What an action does is attached where it can be done (`on_actions`), so the list is complete before a screen is opened.
 * Keys are written as `Ctrl+Shift+ArrowUp`; a single character stands for what the layout types (see keys.ts).
 */
export type Scope = 'everywhere' | 'worklist' | 'reading' | 'report';
export type Profile = 'default' | 'ohif' | 'weasis';
export type Action = {
  id: string;
  scope: Scope;
  keys: readonly string[];
  ohif?: readonly string[];
  weasis?: readonly string[];
};

export const catalogue = [
  { id: 'app.commands', scope: 'everywhere', keys: ['Ctrl+k'] },
  { id: 'app.fullscreen', scope: 'everywhere', keys: ['F11'] },
  { id: 'app.lock', scope: 'everywhere', keys: ['Ctrl+l'] },
  { id: 'app.jobs', scope: 'everywhere', keys: ['Ctrl+j'] },
  { id: 'app.theme', scope: 'everywhere', keys: [] },
  { id: 'app.analyze_new', scope: 'everywhere', keys: [] },
  { id: 'app.backup', scope: 'everywhere', keys: [] },
  { id: 'import.files', scope: 'everywhere', keys: ['Ctrl+o'] },
  { id: 'import.folder', scope: 'everywhere', keys: ['Ctrl+Shift+o'] },
  { id: 'screen.worklist', scope: 'everywhere', keys: ['Ctrl+1'] },
  { id: 'screen.reading', scope: 'everywhere', keys: ['Ctrl+2'] },
  { id: 'screen.report', scope: 'everywhere', keys: ['Ctrl+3'] },
  { id: 'screen.models', scope: 'everywhere', keys: ['Ctrl+4'] },
  { id: 'screen.quality', scope: 'everywhere', keys: ['Ctrl+5'] },
  { id: 'screen.administration', scope: 'everywhere', keys: ['Ctrl+6'] },
  { id: 'screen.settings', scope: 'everywhere', keys: ['Ctrl+,'] },

  { id: 'worklist.search', scope: 'worklist', keys: ['/', 'Ctrl+f'] },
  { id: 'worklist.clear', scope: 'worklist', keys: [] },
  { id: 'worklist.open', scope: 'worklist', keys: ['Enter'] },
  { id: 'worklist.analyze', scope: 'worklist', keys: ['Ctrl+Shift+a'] },
  { id: 'worklist.report', scope: 'worklist', keys: ['Ctrl+Enter'] },
  { id: 'worklist.by_suspicion', scope: 'worklist', keys: [] },
  { id: 'worklist.by_date', scope: 'worklist', keys: [] },

  { id: 'reading.back', scope: 'reading', keys: ['Backspace'], ohif: ['Ctrl+Backspace'] },
  { id: 'reading.slice_next', scope: 'reading', keys: ['ArrowDown'] },
  { id: 'reading.slice_previous', scope: 'reading', keys: ['ArrowUp'] },
  { id: 'reading.slice_ten_on', scope: 'reading', keys: ['Shift+ArrowDown'] },
  { id: 'reading.slice_ten_back', scope: 'reading', keys: ['Shift+ArrowUp'] },
  { id: 'reading.slice_first', scope: 'reading', keys: ['Home'] },
  { id: 'reading.slice_last', scope: 'reading', keys: ['End'] },
  { id: 'reading.series_next', scope: 'reading', keys: ['ArrowRight'], ohif: ['PageDown'] },
  { id: 'reading.series_previous', scope: 'reading', keys: ['ArrowLeft'], ohif: ['PageUp'] },
  { id: 'reading.study_next', scope: 'reading', keys: ['Ctrl+ArrowRight'] },
  { id: 'reading.study_previous', scope: 'reading', keys: ['Ctrl+ArrowLeft'] },
  { id: 'reading.tile_next', scope: 'reading', keys: ['Tab'], ohif: ['ArrowRight'] },
  { id: 'reading.tile_maximise', scope: 'reading', keys: [] },
  { id: 'reading.layout_1x1', scope: 'reading', keys: [] },
  { id: 'reading.layout_1x2', scope: 'reading', keys: [] },
  { id: 'reading.layout_2x2', scope: 'reading', keys: [] },
  { id: 'reading.layout_prior', scope: 'reading', keys: [] },
  { id: 'reading.link_scrolling', scope: 'reading', keys: [] },
  { id: 'reading.tool_window', scope: 'reading', keys: ['w'] },
  { id: 'reading.tool_pan', scope: 'reading', keys: ['t'] },
  { id: 'reading.tool_zoom', scope: 'reading', keys: ['z'] },
  { id: 'reading.tool_scroll', scope: 'reading', keys: ['s'] },
  { id: 'reading.tool_length', scope: 'reading', keys: ['d'] },
  { id: 'reading.tool_angle', scope: 'reading', keys: ['a'] },
  { id: 'reading.tool_ellipse', scope: 'reading', keys: ['e'] },
  { id: 'reading.tool_text', scope: 'reading', keys: ['b'] },
  { id: 'reading.tool_arrow', scope: 'reading', keys: ['Shift+b'] },
  { id: 'reading.zoom_in', scope: 'reading', keys: ['+'] },
  { id: 'reading.zoom_out', scope: 'reading', keys: ['-'] },
  { id: 'reading.fit', scope: 'reading', keys: ['='] },
  { id: 'reading.invert', scope: 'reading', keys: ['i'], weasis: ['Shift+i'] },
  { id: 'reading.reset', scope: 'reading', keys: ['r'], ohif: ['Space'] },
  { id: 'reading.rotate_right', scope: 'reading', keys: ['Alt+r'], ohif: ['r'] },
  { id: 'reading.rotate_left', scope: 'reading', keys: ['Alt+l'], ohif: ['l'] },
  { id: 'reading.flip_horizontal', scope: 'reading', keys: ['Alt+h'], ohif: ['h'], weasis: ['Alt+f'] },
  { id: 'reading.flip_vertical', scope: 'reading', keys: ['Alt+v'], ohif: ['v'] },
  { id: 'reading.window_own', scope: 'reading', keys: ['0'] },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ id: `reading.window_${n}`, scope: 'reading' as const, keys: [`${n}`] })),
  { id: 'reading.cine', scope: 'reading', keys: ['c'] },
  { id: 'reading.key_image', scope: 'reading', keys: ['k'] },
  { id: 'reading.overlay_text', scope: 'reading', keys: ['Space'], ohif: ['o'], weasis: ['i'] },
  { id: 'reading.overlay_ai', scope: 'reading', keys: ['g'] },
  { id: 'reading.marks', scope: 'reading', keys: ['Shift+g'] },
  { id: 'reading.finding_next', scope: 'reading', keys: ['n'] },
  { id: 'reading.finding_previous', scope: 'reading', keys: ['Shift+n'] },
  { id: 'reading.accept', scope: 'reading', keys: ['Enter'] },
  { id: 'reading.reject', scope: 'reading', keys: ['x'] },
  { id: 'reading.unsure', scope: 'reading', keys: ['u'] },
  { id: 'reading.delete', scope: 'reading', keys: ['Delete'], ohif: ['Delete', 'Backspace'] },
  { id: 'reading.undo', scope: 'reading', keys: ['Ctrl+z'] },
  { id: 'reading.redo', scope: 'reading', keys: ['Ctrl+y', 'Ctrl+Shift+z'] },
  { id: 'reading.analyze', scope: 'reading', keys: [] },
  { id: 'reading.report', scope: 'reading', keys: ['Ctrl+Enter'] },

  { id: 'report.print', scope: 'everywhere', keys: ['Ctrl+p'] },
  { id: 'report.sign', scope: 'report', keys: [] },
  { id: 'report.preview', scope: 'report', keys: [] },
] as const satisfies readonly Action[];

export type ActionId = (typeof catalogue)[number]['id'];

/** The same list, for code that does not care for the literal ids. */
export const actions_of_catalogue: readonly Action[] = catalogue;
