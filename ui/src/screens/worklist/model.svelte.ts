/**
 * The worklist as it stands: what is asked for, the program's answer, and the pages of rows that are in sight.
 * It outlives its screen, so that one comes back from reading to the same place; locking empties it.
 */
import {
  host,
  type Failure,
  type StudyState,
  type WorklistOrder,
  type WorklistQuery,
  type WorklistRow,
  type WorklistView,
} from '../../ipc';
import { as_failure } from '../../state/failures';
import { on_leave } from '../../state/session.svelte';
import { settings } from '../../state/settings.svelte';
import { pages_of } from './virtual';

export const PAGE = 100;
const KEPT_PAGES = 40;
const TYPING_PAUSE_MS = 80;
const CHANGES_PAUSE_MS = 150;
const PROGRESS_PAUSE_MS = 700;
const REQUESTS = 2;

type Pages = ReadonlyMap<number, readonly WorklistRow[]>;
const everything = { find: '', states: [], modalities: [], date_from: null, date_to: null };

export class Worklist {
  query = $state.raw<WorklistQuery>({ order: settings.now.worklist_order, ...everything });
  view = $state.raw<WorklistView | null>(null);
  pages = $state.raw<Pages>(new Map());
  failure = $state.raw<Failure | null>(null);
  /** the selected study, and its row where that is known */
  selected = $state.raw<string | null>(null);
  selected_index = $state<number | null>(null);
  /** grows when another list is shown and the place in it starts at the top */
  fresh = $state(0);
  scroll_top = 0;

  #asked = 0;
  #last_load: Promise<void> = Promise.resolve();
  #ahead: Promise<void> | null = null;
  #range = { first: 0, last: 40 };
  #loading = new Set<number>();
  #typing: ReturnType<typeof setTimeout> | undefined;
  #changes: ReturnType<typeof setTimeout> | undefined;
  #progress: ReturnType<typeof setTimeout> | undefined;

  total = $derived(this.view?.total ?? 0);
  is_filtered = $derived(
    this.query.find !== '' ||
      this.query.states.length > 0 ||
      this.query.modalities.length > 0 ||
      this.query.date_from !== null ||
      this.query.date_to !== null,
  );

  row(index: number): WorklistRow | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Shows another list, from its top. */
  ask(part: Partial<WorklistQuery>): void {
    this.#stop_typing();
    this.query = { ...this.query, ...part };
    void this.load(false);
  }

  search(find: string): void {
    this.query = { ...this.query, find };
    this.#stop_typing();
    this.#typing = setTimeout(() => {
      this.#typing = undefined;
      void this.load(false);
    }, TYPING_PAUSE_MS);
  }

  /** Ends when the list shows what was asked for last; a search that still waits for the next letter is asked at once. */
  async settled(): Promise<void> {
    if (this.#typing !== undefined) {
      this.#stop_typing();
      void this.load(false);
    }
    await this.#last_load;
  }

  #stop_typing(): void {
    clearTimeout(this.#typing);
    this.#typing = undefined;
  }

  order(order: WorklistOrder): void {
    this.ask({ order });
    void settings.change({ worklist_order: order });
  }

  toggle_state(state: StudyState): void {
    const states = this.query.states.includes(state)
      ? this.query.states.filter((other) => other !== state)
      : [...this.query.states, state];
    this.ask({ states });
  }

  clear(): void {
    this.ask(everything);
  }

  /** Something changed in the vault: the same list again, place and selection kept. */
  changed(): void {
    this.#changes ??= setTimeout(() => {
      this.#changes = undefined;
      void this.load(true);
    }, CHANGES_PAUSE_MS);
  }

  /** Studies are being analysed: the rows in sight are asked for again, the list and its order stay. */
  going_on(): void {
    this.#progress ??= setTimeout(() => {
      this.#progress = undefined;
      const view = this.view;
      const { first, last } = this.#range;
      if (view !== null)
        for (const page of pages_of(first, Math.min(last, view.total), PAGE)) void this.#fetch_page(view, page);
    }, PROGRESS_PAUSE_MS);
  }

  /** Asks for the list while its screen is being made. */
  ahead(): void {
    this.#ahead = this.load(false).finally(() => (this.#ahead = null));
  }

  /** The screen stands: what is asked for already is not asked again. */
  shown(): Promise<void> {
    return this.#ahead ?? this.load(this.view !== null);
  }

  /** Asks for the view and the rows in sight, then shows both at once; an answer that was overtaken is dropped. */
  load(keep: boolean): Promise<void> {
    this.#last_load = this.#load(keep);
    return this.#last_load;
  }

  async #load(keep: boolean): Promise<void> {
    const asked = ++this.#asked;
    try {
      const view = await host().open_worklist(this.query);
      if (asked !== this.#asked) return;
      const rows = this.#range.last - this.#range.first;
      const first = keep ? Math.max(0, Math.min(this.#range.first, view.total - rows)) : 0;
      const needed = pages_of(first, Math.min(first + rows, view.total), PAGE);
      if (keep && this.selected_index !== null && this.selected_index < view.total)
        needed.push(Math.floor(this.selected_index / PAGE));
      const loaded = await Promise.all(
        [...new Set(needed)].map(
          async (page) => [page, await host().worklist_rows(view.view, page * PAGE, PAGE)] as const,
        ),
      );
      if (asked !== this.#asked) return;
      this.view = view;
      this.pages = new Map(loaded);
      this.#loading.clear();
      this.failure = null;
      this.#find_selected(keep);
      if (!keep) this.fresh += 1;
      this.see(this.#range.first, this.#range.last);
    } catch (thrown) {
      if (asked === this.#asked) this.failure = as_failure(thrown);
    }
  }

  #find_selected(keep: boolean): void {
    this.selected_index = null;
    for (const [page, rows] of this.pages) {
      const at = rows.findIndex((row) => row.study_instance_uid === this.selected);
      if (at >= 0) this.selected_index = page * PAGE + at;
    }
    if (!keep && this.selected_index === null) this.selected = null;
  }

  /** Rows `first..last` are in sight: what is missing of them and around them is fetched. */
  see(first: number, last: number): void {
    this.#range = { first, last };
    this.#fetch();
  }

  #fetch(): void {
    const view = this.view;
    if (view === null) return;
    const { first, last } = this.#range;
    const near = pages_of(first, Math.min(last, view.total), PAGE);
    const around = pages_of(Math.max(0, first - PAGE / 2), Math.min(last + PAGE / 2, view.total), PAGE);
    for (const page of new Set([...near, ...around])) {
      if (this.#loading.size >= REQUESTS) return;
      if (this.pages.has(page) || this.#loading.has(page)) continue;
      this.#loading.add(page);
      void this.#fetch_page(view, page);
    }
  }

  async #fetch_page(view: WorklistView, page: number): Promise<void> {
    try {
      const rows = await host().worklist_rows(view.view, page * PAGE, PAGE);
      if (this.view !== view) return;
      this.#loading.delete(page);
      this.#keep(page, rows);
      this.#fetch();
    } catch {
      // The program keeps few views; when this one has gone, the list is asked for again.
      this.#loading.delete(page);
      if (this.view === view) this.changed();
    }
  }

  #keep(page: number, rows: readonly WorklistRow[]): void {
    const pages = new Map(this.pages).set(page, rows);
    const here = this.#range.first / PAGE;
    const far = [...pages.keys()].sort((a, b) => Math.abs(b - here) - Math.abs(a - here));
    for (const old of far.slice(0, Math.max(0, pages.size - KEPT_PAGES))) pages.delete(old);
    this.pages = pages;
    // a jump was faster than its page: now it is known which study was selected
    if (this.selected === null && this.selected_index !== null)
      this.selected = this.row(this.selected_index)?.study_instance_uid ?? null;
  }

  select(index: number): void {
    if (this.total === 0) return;
    const at = Math.max(0, Math.min(index, this.total - 1));
    this.selected_index = at;
    this.selected = this.row(at)?.study_instance_uid ?? null;
  }

  /** The study of the selected row, fetched where a jump was faster than its page. */
  async selected_study(): Promise<WorklistRow | null> {
    const index = this.selected_index;
    if (index === null) return null;
    return this.#row_at(index);
  }

  async #row_at(index: number): Promise<WorklistRow | null> {
    const known = this.row(index);
    const view = this.view;
    if (known !== undefined || view === null || index < 0 || index >= view.total) return known ?? null;
    const [row] = await host().worklist_rows(view.view, index, 1);
    return row ?? null;
  }

  /** The studies before and after one in the order of the list; both null where the list does not show it. */
  async neighbours(study_instance_uid: string): Promise<{ previous: string | null; next: string | null }> {
    const at = this.selected === study_instance_uid ? this.selected_index : null;
    if (at === null) return { previous: null, next: null };
    const gone = (): null => null;
    const [previous, next] = await Promise.all([this.#row_at(at - 1).catch(gone), this.#row_at(at + 1).catch(gone)]);
    return { previous: previous?.study_instance_uid ?? null, next: next?.study_instance_uid ?? null };
  }

  /** Another study of the list was opened (next, previous): the selection goes along. */
  follow(study_instance_uid: string): void {
    if (this.selected === study_instance_uid || this.selected_index === null) return;
    for (const step of [1, -1]) {
      if (this.row(this.selected_index + step)?.study_instance_uid !== study_instance_uid) continue;
      this.select(this.selected_index + step);
      return;
    }
  }

  reset(): void {
    this.#stop_typing();
    clearTimeout(this.#changes);
    clearTimeout(this.#progress);
    this.#changes = undefined;
    this.#progress = undefined;
    this.#asked += 1;
    this.#ahead = null;
    this.query = { order: settings.now.worklist_order, ...everything };
    this.view = null;
    this.pages = new Map();
    this.failure = null;
    this.selected = null;
    this.selected_index = null;
    this.scroll_top = 0;
    this.#range = { first: 0, last: 40 };
    this.#loading.clear();
  }
}

export const worklist = new Worklist();
on_leave(() => worklist.reset());
