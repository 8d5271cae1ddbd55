/** The tools that change how a tile shows: window, pan, zoom and scroll, as Cornerstone tools without annotations. */
import type { Types as ToolTypes } from '@cornerstonejs/tools';
import { tools } from './cornerstone';
import type { Tile } from './tile.svelte';
import { clamp, panned, zoomed } from './view';
import { dragged_window, pace_factor, pace_of, window_step } from './window';

/** The tile of an element; set by the viewer, which owns the tiles. */
type Owner = {
  tile_of(element: HTMLElement): Tile | undefined;
  change(tile: Tile, of: string, deed: () => void): void;
};
let owner: Owner | null = null;
export function tools_work_on(viewer: Owner): void {
  owner = viewer;
}

type Drag = ToolTypes.EventTypes.MouseDragEventType['detail'];

abstract class DragTool extends tools.BaseTool {
  constructor(toolProps = {}, defaultToolProps = { supportedInteractionTypes: ['Mouse' as const], configuration: {} }) {
    super(toolProps, defaultToolProps);
  }

  mouseDragCallback(event: ToolTypes.EventTypes.MouseDragEventType): void {
    const { element, event: native } = event.detail;
    const tile = owner?.tile_of(element);
    if (owner === null || tile === undefined || !(native instanceof MouseEvent)) return;
    owner.change(tile, this.getToolName(), () => this.drag(tile, event.detail, native));
  }

  protected abstract drag(tile: Tile, detail: Drag, native: MouseEvent): void;
}

export class WindowDrag extends DragTool {
  static override toolName = 'WindowDrag';

  protected drag(tile: Tile, { deltaPoints }: Drag, native: MouseEvent): void {
    const shown = tile.shown;
    if (shown === null) return;
    const [right, down] = deltaPoints.canvas;
    const low_is_bright = shown.frame.invert !== tile.inverted;
    tile.window = dragged_window(
      tile.window_now,
      right,
      -down,
      window_step(shown.frame, pace_of(native)),
      low_is_bright,
    );
  }
}

export class PanDrag extends DragTool {
  static override toolName = 'PanDrag';

  protected drag(tile: Tile, { deltaPoints }: Drag): void {
    if (tile.shown !== null) tile.view = panned(tile.view, tile.shown.extent, tile.size, ...deltaPoints.canvas);
  }
}

/** Up is nearer, about the place where the button went down. */
export class ZoomDrag extends DragTool {
  static override toolName = 'ZoomDrag';

  protected drag(tile: Tile, { deltaPoints, startPoints }: Drag, native: MouseEvent): void {
    if (tile.shown === null) return;
    const factor = 1.006 ** (-deltaPoints.canvas[1] * pace_factor(pace_of(native)));
    tile.view = zoomed(tile.view, tile.shown.extent, tile.size, factor, startPoints.canvas);
  }
}

/** The whole height of the tile is the whole stack, but never less than eight pixels for a slice. */
export class ScrollDrag extends DragTool {
  static override toolName = 'ScrollDrag';
  #rest = 0;

  protected drag(tile: Tile, { deltaPoints }: Drag, native: MouseEvent): void {
    const for_one = clamp(tile.size.height / Math.max(tile.count, 1), 8, 40) / pace_factor(pace_of(native));
    this.#rest += deltaPoints.canvas[1];
    const slices = Math.trunc(this.#rest / for_one);
    if (slices === 0) return;
    this.#rest -= slices * for_one;
    tile.step(slices);
  }
}
