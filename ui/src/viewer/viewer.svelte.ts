/** The viewer's desk: its tiles, the tool in the hand, what is linked, and what undo brings back. */
import { actions } from '../actions/registry.svelte';
import { host, type Counterparts, type StudyDetail } from '../ipc';
import { notices } from '../state/notices.svelte';
import { settings } from '../state/settings.svelte';
import { Annotations } from './annotations.svelte';
import { engine_id } from './cornerstone';
import { tools_work_on } from './drag_tools';
import { frames } from './frames.svelte';
import { frame_bytes, type Window } from './frame';
import { History } from './history';
import { Links, apart } from './linked';
import { prefetch_order, prefetch_room } from './prefetch';
import { index_of, stacks_of, type Stack } from './stack';
import { Tile, type Appearance } from './tile.svelte';
import { add_to_toolbox, choose, type ToolId } from './toolbox';
import { rotated, whole, zoomed, type View } from './view';
import { presets } from './window';

export type Layout = '1x1' | '1x2' | '2x2';
const tiles_of: Record<Layout, number> = { '1x1': 1, '1x2': 2, '2x2': 4 };
const prefetch_while_idle = 24;
export const cine_rates = [5, 10, 15, 20, 30] as const;

export class Viewer {
  readonly #first = new Tile('tile-0');
  readonly tiles: readonly Tile[] = [this.#first, ...[1, 2, 3].map((n) => new Tile(`tile-${n}`))];
  layout = $state<Layout>('1x1');
  active = $state(0);
  maximised = $state(false);
  tool = $state<ToolId>('window');
  linked = $state(false);
  map_shown = $state(true);
  cine = $state(false);
  cine_rate = $state(10);
  may_draw = $state(true);
  can_undo = $state(false);
  can_redo = $state(false);
  stacks = $state.raw<readonly Stack[]>([]);
  prior = $state.raw<{ study_instance_uid: string; stacks: readonly Stack[] } | null>(null);
  /** the next study of the list, fetched when everything of this one is there */
  following = $state.raw<readonly Stack[]>([]);
  visible = $derived(this.maximised ? [this.tile] : this.tiles.slice(0, tiles_of[this.layout]));

  readonly history = new History();
  readonly annotations = new Annotations(this.history, () => this.#redraw_all());
  #tile_at = new Map<HTMLElement, Tile>();
  readonly #links = new Links((from, to) => host().counterparts(from, to));
  /** which slice each tile showed when a person linked them: stacks without common places keep that distance */
  #linked_at = new Map<string, number>();
  /** the tiles' place in the page while they have one */
  grid: HTMLElement | null = null;

  get tile(): Tile {
    return this.tiles[this.active] ?? this.#first;
  }

  /** Connects tools and annotations; the answer ends it and lets go of the frames on the screen. */
  connect(): () => void {
    tools_work_on({
      tile_of: (element) => this.#tile_at.get(element),
      change: (tile, of, deed) => this.change(tile, of, deed),
    });
    const deaf = this.annotations.listen();
    return () => {
      this.cine = false;
      deaf();
      frames.plan([]);
      frames.pin([]);
    };
  }

  /** A tile has its place in the page; the answer takes it away. */
  attach(tile: Tile, element: HTMLDivElement, canvas: HTMLCanvasElement): () => void {
    const detach = tile.attach(element, canvas);
    this.#tile_at.set(element, tile);
    add_to_toolbox(tile.id, engine_id);
    this.#choose();
    return () => {
      this.annotations.break_off(element);
      this.#tile_at.delete(element);
      detach();
    };
  }

  /** Begins at `first`, a frame worth looking at, or at the first image there is. */
  open(detail: StudyDetail, first: { sop_instance_uid: string; frame: number } | null = null): void {
    this.stacks = stacks_of(detail);
    if (first === null || !this.show_frame(first.sop_instance_uid, first.frame)) {
      this.tile.set_stack(this.stacks.find((stack) => stack.slices.length > 0) ?? null);
    }
    this.annotations.take(detail.study_instance_uid, detail.annotations);
  }

  /** News of the same study: images stay as they are on the screen. */
  refresh(detail: StudyDetail): void {
    this.stacks = stacks_of(detail);
    for (const tile of this.tiles) {
      const series = tile.stack?.series.series_instance_uid;
      const news = this.stacks.find((stack) => stack.series.series_instance_uid === series);
      if (news !== undefined && tile.stack?.study_instance_uid === detail.study_instance_uid) tile.renew_stack(news);
    }
    if (this.tile.stack === null) this.open(detail);
  }

  lock(may_draw: boolean): void {
    // Choosing a tool again would break off what is being drawn.
    if (may_draw === this.may_draw) return;
    this.may_draw = may_draw;
    this.annotations.lock(!may_draw);
    this.#choose();
  }

  /** An earlier study beside this one: its stack most like the shown one, linked. */
  open_prior(detail: StudyDetail): void {
    const stacks = stacks_of(detail).filter((stack) => stack.slices.length > 0);
    this.prior = { study_instance_uid: detail.study_instance_uid, stacks };
    this.annotations.take(detail.study_instance_uid, detail.annotations);
    if (detail.sign_off !== null) this.annotations.pass_by(detail.study_instance_uid);
    const now = this.tiles[0]?.stack?.series;
    const like =
      stacks.find((stack) => stack.series.description === now?.description) ??
      stacks.find((stack) => stack.series.modality === now?.modality);
    this.set_layout('1x2');
    this.tiles[1]?.set_stack(like ?? stacks[0] ?? null);
    this.#linked_at.clear();
    this.linked = true;
    this.active = 0;
    if (this.tiles[0] !== undefined) this.#follow(this.tiles[0]);
  }

  close_prior(): void {
    const uid = this.prior?.study_instance_uid;
    this.prior = null;
    for (const tile of this.tiles) if (tile.stack?.study_instance_uid === uid) tile.set_stack(null);
    this.linked = false;
    this.set_layout('1x1');
  }

  set_layout(layout: Layout): void {
    this.layout = layout;
    this.maximised = false;
    const shown = tiles_of[layout];
    if (this.active >= shown) this.focus(0);
    const pictures = this.stacks.filter((stack) => stack.slices.length > 0);
    const taken = new Set(this.tiles.slice(0, shown).map((tile) => tile.stack?.series.series_instance_uid));
    for (const tile of this.tiles.slice(0, shown)) {
      if (tile.stack !== null) continue;
      const next = pictures.find((stack) => !taken.has(stack.series.series_instance_uid)) ?? pictures[0];
      if (next === undefined) continue;
      taken.add(next.series.series_instance_uid);
      tile.set_stack(next);
    }
  }

  focus(index: number): void {
    this.active = index;
  }

  /** Gives the keys to the active tile, after a button was pressed with the mouse. */
  focus_picture(): void {
    requestAnimationFrame(() =>
      this.grid?.querySelector<HTMLElement>(`[data-tile="${this.active}"]`)?.focus({ preventScroll: true }),
    );
  }

  has_focus(): boolean {
    return document.activeElement === document.body || this.grid?.contains(document.activeElement) === true;
  }

  next_tile(): void {
    const shown = tiles_of[this.layout];
    if (shown > 1) this.focus((this.active + 1) % shown);
  }

  toggle_maximised(index = this.active): void {
    this.active = index;
    if (this.layout !== '1x1') this.maximised = !this.maximised;
  }

  show_stack(stack: Stack, index = 0): void {
    this.#linked_at.clear();
    this.tile.set_stack(stack, index);
    this.#linked_to(this.tile);
  }

  next_series(by: 1 | -1): void {
    const tile = this.tile;
    const from =
      this.prior !== null && tile.stack?.study_instance_uid === this.prior.study_instance_uid
        ? this.prior.stacks
        : this.stacks;
    const pictures = from.filter((stack) => stack.slices.length > 0);
    const here = pictures.findIndex(
      (stack) => stack.series.series_instance_uid === tile.stack?.series.series_instance_uid,
    );
    const next = pictures[here + by];
    if (next !== undefined) this.show_stack(next);
  }

  /** Shows a frame of the study in the active tile; false where no stack has it. */
  show_frame(sop_instance_uid: string, frame: number): boolean {
    const here = this.tile.stack;
    const found = [here, ...this.stacks].find(
      (stack) => stack !== null && index_of(stack, sop_instance_uid, frame) >= 0,
    );
    if (found === undefined || found === null) return false;
    const index = index_of(found, sop_instance_uid, frame);
    if (found.series.series_instance_uid === here?.series.series_instance_uid) this.scroll_to(index);
    else this.show_stack(found, index);
    return true;
  }

  scroll(by: number, tile = this.tile): void {
    this.scroll_to(tile.index + by, tile);
  }

  scroll_to(index: number, tile = this.tile): void {
    tile.show(index);
    this.#linked_to(tile);
  }

  /** Runs a change of how a tile shows, so that it can be undone. */
  change(tile: Tile, of: string, deed: () => void): void {
    const before = tile.appearance();
    const index = tile.index;
    deed();
    if (tile.index !== index) this.#linked_to(tile);
    const after = tile.appearance();
    if (before.view === after.view && before.window === after.window && before.inverted === after.inverted) return;
    this.history.add({
      of: `${tile.id} ${of}`,
      undo: () => this.#wear(tile, before),
      redo: () => this.#wear(tile, after),
    });
    this.#tell_history();
  }

  set_view(of: string, next: (view: View) => View): void {
    const { tile } = this;
    this.change(tile, of, () => (tile.view = next(tile.view)));
  }

  zoom(factor: number, about?: readonly [number, number], tile = this.tile): void {
    const { shown, size } = tile;
    if (shown === null) return;
    const place = about ?? [size.width / 2, size.height / 2];
    this.change(tile, 'zoom', () => (tile.view = zoomed(tile.view, shown.extent, size, factor, place)));
  }

  fit(): void {
    this.set_view('fit', (view) => ({ ...view, zoom: 1, center: [0.5, 0.5] }));
  }

  rotate(degrees: number): void {
    this.set_view('rotate', (view) => rotated(view, degrees));
  }

  reset(): void {
    const { tile } = this;
    this.change(tile, 'reset', () => tile.wear({ view: whole, window: null, inverted: false }));
  }

  invert(): void {
    const { tile } = this;
    this.change(tile, 'invert', () => (tile.inverted = !tile.inverted));
  }

  toggle_marks(): void {
    this.tile.marks = !this.tile.marks;
  }

  /** 0 is the file's own window, 1 to 9 the presets of the modality. */
  preset(number: number): void {
    const { tile } = this;
    const { shown } = tile;
    if (shown === null) return;
    const window =
      number === 0 ? null : (presets(shown.slice.modality, shown.frame, tile.own_window)[number - 1]?.window ?? null);
    this.change(tile, `preset ${number}`, () => (tile.window = window));
  }

  /** One that the file offers. */
  choose_window(window: Window): void {
    const { tile } = this;
    this.change(tile, `window ${window.center} / ${window.width}`, () => (tile.window = window));
  }

  /** What is being drawn and not finished goes away: left as it is, it would hold the next tool. */
  #break_off(): boolean {
    const broken = [...this.#tile_at.keys()].filter((element) => this.annotations.break_off(element as HTMLDivElement));
    return broken.length > 0;
  }

  set_tool(tool: ToolId): void {
    this.#break_off();
    this.tool = tool;
    this.#choose();
  }

  undo(): void {
    this.annotations.settle();
    this.history.undo();
    this.#tell_history();
  }

  redo(): void {
    this.history.redo();
    this.#tell_history();
  }

  remove_annotation(): void {
    if (!this.#break_off()) {
      this.annotations.settle();
      this.annotations.remove_selected();
    }
    this.#tell_history();
  }

  cycle_text(): void {
    void settings.change({ overlay_text: (settings.now.overlay_text + 1) % 3 });
  }

  /** What to fetch, again after each step: what shows, what is near it, then the next study. */
  plan(): void {
    const shown = this.visible;
    frames.pin(shown.flatMap((tile) => (tile.shown === null ? [] : [tile.shown.slice.id])));
    const bytes = shown.map((tile) => (tile.shown === null ? 0 : frame_bytes(tile.shown.frame)));
    const room = prefetch_room(frames.budget_bytes, Math.max(...bytes, 0)) / Math.max(1, shown.length);
    const orders = shown.map(({ stack, index, direction }) => {
      if (stack === null) return [];
      return prefetch_order(stack.slices.length, index, direction, Math.floor(room)).map(
        (at) => stack.slices[at]?.id ?? '',
      );
    });
    const longest = Math.max(0, ...orders.map((order) => order.length));
    const woven = Array.from({ length: longest }, (_, at) => orders.flatMap((order) => order[at] ?? [])).flat();
    const later = this.following
      .flatMap((stack) => stack.slices.map((slice) => slice.id))
      .slice(0, prefetch_while_idle);
    frames.plan([...woven, ...(woven.length < room * shown.length ? later : [])]);
  }

  set_linked(linked: boolean): void {
    this.linked = linked;
    this.#linked_at.clear();
    if (!linked) return;
    const shown = this.tiles.slice(0, tiles_of[this.layout]);
    for (const tile of shown) this.#linked_at.set(tile.id, tile.index);
    const stacks = shown.flatMap(({ stack }) => stack ?? []);
    // Asked before the first step; what fails is asked again, and told, when it is needed.
    for (const from of stacks) for (const to of stacks) if (from !== to) this.#links.ask(from, to).catch(() => {});
  }

  #linked_to(tile: Tile): void {
    if (this.linked) this.#follow(tile);
  }

  #follow(leader: Tile): void {
    const from = leader.stack;
    if (from === null) return;
    for (const tile of this.tiles.slice(0, tiles_of[this.layout])) {
      const to = tile.stack;
      if (tile === leader || to === null) continue;
      const links = this.#links.known(from, to);
      const index = links?.places[leader.index];
      if (links === null) this.#follow_when_told(leader, from, to);
      else if (index !== undefined) tile.show(index + this.#apart(leader, tile, links));
    }
  }

  #follow_when_told(leader: Tile, from: Stack, to: Stack): void {
    const still = (): boolean =>
      this.linked &&
      this.tile === leader &&
      leader.stack?.series.series_instance_uid === from.series.series_instance_uid;
    this.#links.ask(from, to).then(
      () => still() && this.#follow(leader),
      (thrown: unknown) => still() && notices.fail(thrown),
    );
  }

  #apart(leader: Tile, follower: Tile, links: Counterparts): number {
    const leads = this.#linked_at.get(leader.id);
    const follows = this.#linked_at.get(follower.id);
    return leads === undefined || follows === undefined ? 0 : apart(links, leads, follows);
  }

  #wear(tile: Tile, appearance: Appearance): void {
    tile.wear(appearance);
  }

  #choose(): void {
    choose(this.tool, this.may_draw);
  }

  #redraw_all(): void {
    for (const tile of this.tiles) tile.redraw();
    this.#tell_history();
  }

  #tell_history(): void {
    this.can_undo = this.history.can_undo;
    this.can_redo = this.history.can_redo;
  }
}

/** The key of an action, for menus and buttons. */
export const keys_of = (action: string): string => actions.keys_shown(`reading.${action}`);
