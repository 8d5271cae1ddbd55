/** What the keys and menus of the viewer do. */
import type { Viewer } from './viewer.svelte';
import { tool_ids } from './toolbox';

type Deed = { run: () => void; when: () => boolean };
const zoom_step = 1.25;

export function viewer_deeds(viewer: Viewer): Record<string, Deed> {
  const has_picture = (): boolean => viewer.tile.shown !== null;
  const many = (): boolean => has_picture() && viewer.tile.count > 1;
  const deed = (run: () => void, when: () => boolean = has_picture): Deed => ({ run, when });
  const has_stacks = (): boolean => viewer.stacks.length > 1;
  const tools = tool_ids.map(
    (id) =>
      [
        `reading.tool_${id}`,
        deed(
          () => viewer.set_tool(id),
          () => has_picture() && (viewer.may_draw || tool_ids.indexOf(id) < 4),
        ),
      ] as const,
  );
  const windows = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (n) => [`reading.window_${n}`, deed(() => viewer.preset(n))] as const,
  );
  return {
    ...Object.fromEntries([...tools, ...windows]),
    'reading.window_own': deed(() => viewer.preset(0)),
    'reading.slice_next': deed(() => viewer.scroll(1), many),
    'reading.slice_previous': deed(() => viewer.scroll(-1), many),
    'reading.slice_ten_on': deed(() => viewer.scroll(10), many),
    'reading.slice_ten_back': deed(() => viewer.scroll(-10), many),
    'reading.slice_first': deed(() => viewer.scroll_to(0), many),
    'reading.slice_last': deed(() => viewer.scroll_to(viewer.tile.count - 1), many),
    'reading.series_next': deed(() => viewer.next_series(1), has_stacks),
    'reading.series_previous': deed(() => viewer.next_series(-1), has_stacks),
    'reading.tile_next': deed(
      () => {
        viewer.next_tile();
        viewer.focus_picture();
      },
      // Behind the last tile the key goes on through the page as everywhere.
      () => viewer.visible.length > 1 && viewer.active + 1 < viewer.visible.length && viewer.has_focus(),
    ),
    'reading.tile_maximise': deed(
      () => viewer.toggle_maximised(),
      () => viewer.layout !== '1x1',
    ),
    'reading.layout_1x1': deed(() => viewer.set_layout('1x1')),
    'reading.layout_1x2': deed(() => viewer.set_layout('1x2')),
    'reading.layout_2x2': deed(() => viewer.set_layout('2x2')),
    'reading.link_scrolling': deed(
      () => viewer.set_linked(!viewer.linked),
      () => viewer.layout !== '1x1',
    ),
    'reading.zoom_in': deed(() => viewer.zoom(zoom_step)),
    'reading.zoom_out': deed(() => viewer.zoom(1 / zoom_step)),
    'reading.fit': deed(() => viewer.fit()),
    'reading.invert': deed(() => viewer.invert()),
    'reading.marks': deed(() => viewer.toggle_marks()),
    'reading.reset': deed(() => viewer.reset()),
    'reading.rotate_right': deed(() => viewer.rotate(90)),
    'reading.rotate_left': deed(() => viewer.rotate(-90)),
    'reading.flip_horizontal': deed(() =>
      viewer.set_view('flip', (view) => ({ ...view, flip_horizontal: !view.flip_horizontal })),
    ),
    'reading.flip_vertical': deed(() =>
      viewer.set_view('flip', (view) => ({ ...view, flip_vertical: !view.flip_vertical })),
    ),
    'reading.cine': deed(() => (viewer.cine = !viewer.cine), many),
    'reading.overlay_text': deed(() => viewer.cycle_text()),
    'reading.delete': deed(
      () => viewer.remove_annotation(),
      () => viewer.may_draw && viewer.annotations.count > 0,
    ),
    'reading.undo': deed(
      () => viewer.undo(),
      () => true,
    ),
    'reading.redo': deed(
      () => viewer.redo(),
      () => true,
    ),
  };
}
