import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorklistQuery, WorklistRow, WorklistView } from '../../ipc';
import { row, select, uid_of } from '../../ipc/fake/studies';

type Asked = { query: WorklistQuery; answer: () => void };
const asked: Asked[] = [];
const views = new Map<number, WorklistRow[]>();
let all: WorklistRow[] = [];
let at_once = true;
const pages_asked: number[] = [];

vi.mock('../../ipc', async (original) => ({
  ...(await original<object>()),
  host: () => ({
    open_worklist: (query: WorklistQuery): Promise<WorklistView> =>
      new Promise((done) => {
        const answer = (): void => {
          const selected = select(all, query);
          const view = views.size + 1;
          views.set(view, selected.rows);
          done({
            view,
            total: selected.rows.length,
            state_counts: selected.state_counts,
            modalities: [],
            all_studies: all.length,
          });
        };
        asked.push({ query, answer });
        if (at_once) answer();
      }),
    worklist_rows: async (view: number, offset: number, limit: number): Promise<WorklistRow[]> => {
      pages_asked.push(offset);
      const rows = views.get(view);
      if (rows === undefined) throw { code: 'not_found', message: 'gone' };
      return rows.slice(offset, offset + limit);
    },
    save_settings: async () => undefined,
  }),
}));

const { Worklist } = await import('./model.svelte');
const order = { by: 'patient_id', descending: false } as const;

describe('the worklist', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    pages_asked.length = 0;
    views.clear();
    at_once = true;
    all = Array.from({ length: 5_000 }, (_, index) => row(index));
  });
  afterEach(() => vi.useRealTimers());

  async function opened(): Promise<InstanceType<typeof Worklist>> {
    const list = new Worklist();
    list.query = { ...list.query, order };
    await list.load(false);
    return list;
  }

  it('is not asked again for what is asked while its screen is made, and is when one comes back', async () => {
    const list = new Worklist();
    at_once = false;
    list.ahead();
    const shown = list.shown();
    asked[0]?.answer();
    await shown;
    expect([asked.length, list.total]).toEqual([1, 5_000]);
    at_once = true;
    await list.shown();
    expect(asked).toHaveLength(2);
  });

  it('asks 80 ms after the last letter, once', async () => {
    const list = await opened();
    for (const text of ['P', 'P1', 'P10']) list.search(text);
    await vi.advanceTimersByTimeAsync(79);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(asked.map((one) => one.query.find)).toEqual(['', 'P10']);
  });

  it('drops an answer that was overtaken', async () => {
    const list = await opened();
    at_once = false;
    list.ask({ find: 'P100010' });
    list.ask({ find: 'P100021' });
    const [, first, second] = asked;
    second?.answer();
    await vi.advanceTimersByTimeAsync(1);
    first?.answer();
    await vi.advanceTimersByTimeAsync(1);
    expect(list.total).toBe(1);
    expect(list.row(0)?.patient_id).toBe('P100021');
  });

  it('keeps the selected study when others come before it', async () => {
    const list = await opened();
    list.see(200, 220);
    await vi.advanceTimersByTimeAsync(5);
    list.select(210);
    const selected = list.selected;
    expect(selected).not.toBeNull();
    all = [...all, { ...row(6_000), patient_id: 'A', study_instance_uid: uid_of(6_000) }];
    list.changed();
    await vi.advanceTimersByTimeAsync(200);
    expect(list.selected).toBe(selected);
    expect(list.selected_index).toBe(211);
    expect(list.row(211)?.study_instance_uid).toBe(selected);
  });

  it('answers many changes with one question', async () => {
    const list = await opened();
    for (let change = 0; change < 50; change += 1) list.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(2);
  });

  it('fetches what is in sight, and keeps few pages however far one scrolls', async () => {
    const list = await opened();
    for (let first = 0; first < 4_900; first += 100) {
      list.see(first, first + 20);
      await vi.advanceTimersByTimeAsync(2);
    }
    expect(list.row(4_805)?.study_instance_uid).toBeDefined();
    expect(list.pages.size).toBeLessThanOrEqual(40);
    expect(new Set(pages_asked).size).toBe(pages_asked.length);
  });

  it('asks for the list again when the program has forgotten the view', async () => {
    const list = await opened();
    views.delete(1);
    views.set(99, []);
    list.see(3_000, 3_020);
    await vi.advanceTimersByTimeAsync(500);
    expect(list.failure).toBeNull();
    expect(list.row(3_000)).toBeDefined();
  });

  it('knows what stands before and after the open study', async () => {
    const list = await opened();
    list.select(99);
    const here = list.selected ?? '';
    const around = await list.neighbours(here);
    expect(around).toEqual({
      previous: list.row(98)?.study_instance_uid,
      next: views.get(1)?.[100]?.study_instance_uid,
    });
    expect(await list.neighbours('another study')).toEqual({ previous: null, next: null });
  });

  it('forgets everything when the vault is locked, also an answer that is still under way', async () => {
    const list = await opened();
    list.select(3);
    at_once = false;
    list.ask({ find: 'P' });
    list.reset();
    asked.at(-1)?.answer();
    await vi.advanceTimersByTimeAsync(10);
    expect([list.view, list.pages.size, list.selected, list.query.find]).toEqual([null, 0, null, '']);
  });
});
