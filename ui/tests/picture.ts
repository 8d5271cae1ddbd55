/** What the tests of the viewer see and do: a study opened, a tile that has drawn, the greys of its canvas. */
import type { Page } from 'playwright-core';
import type { Opened, Stage } from './chromium';

type FakeWorld = { rows(): { study_instance_uid: string }[]; tell(event: object): void };
export type Tile = { sop: string; frame: string; slice: string; drawn: string };

export async function open_study(
  stage: Stage,
  index: number,
  query = '',
  size = { width: 1366, height: 768 },
  before: (() => void) | null = null,
): Promise<Opened> {
  const opened = await stage.open(`open&${query}`, size, before);
  const { page } = opened;
  await page.waitForFunction(() => 'fake_world' in globalThis);
  await page.evaluate((at) => {
    const world = (globalThis as unknown as { fake_world: FakeWorld }).fake_world;
    world.tell({ kind: 'show_study', study_instance_uid: world.rows()[at]?.study_instance_uid });
  }, index);
  await drawn(page);
  return opened;
}

/** Waits until the tile shows what it was asked for, and the screen the tile. */
export async function drawn(page: Page, tile = 0): Promise<void> {
  await page.waitForFunction(
    (n) => Number(document.querySelector<HTMLElement>(`[data-tile="${n}"]`)?.dataset.drawn ?? 0) > 0,
    tile,
  );
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[data-tile] .loading') === null);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export async function tile(page: Page, n = 0): Promise<Tile> {
  return page.evaluate((at) => ({ ...document.querySelector<HTMLElement>(`[data-tile="${at}"]`)?.dataset }) as Tile, n);
}

/** Greys at places of the tile, given as shares of its width and height. */
export async function greys(page: Page, places: readonly (readonly [number, number])[], n = 0): Promise<number[]> {
  return page.evaluate(
    ({ at, wanted }) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-tile="${at}"] .cornerstone-canvas`);
      const brush = canvas?.getContext('2d');
      if (canvas === null || brush == null) return [];
      return wanted.map(
        ([x, y]) => brush.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data[0] ?? -1,
      );
    },
    { at: n, wanted: places },
  );
}

export type Ink = { left: number; top: number; right: number; bottom: number };

/** Where a canvas of the tile is painted at all (its alpha, or its brightness on black), in pixels of the tile. */
export async function ink(page: Page, selector: string): Promise<Ink | null> {
  return page.evaluate((of) => {
    const canvas = document.querySelector<HTMLCanvasElement>(of);
    const brush = canvas?.getContext('2d');
    if (canvas === null || brush == null) return null;
    const { data, width, height } = brush.getImageData(0, 0, canvas.width, canvas.height);
    const box = { left: width, top: height, right: -1, bottom: -1 };
    for (let at = 0; at < width * height; at += 1) {
      if ((data[at * 4 + 3] ?? 0) === 0 || (data[at * 4] ?? 0) < 8) continue;
      const x = at % width;
      const y = Math.floor(at / width);
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
    return box.right < 0 ? null : box;
  }, selector);
}

/** Drags with a button held, in a few steps, from and to places of the tile in pixels. */
export async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
  button: 'left' | 'middle' | 'right' = 'left',
  n = 0,
): Promise<void> {
  const box = await page.locator(`[data-tile="${n}"]`).boundingBox();
  if (box === null) throw new Error(`there is no tile ${n}`);
  await page.mouse.move(box.x + from[0], box.y + from[1]);
  await page.mouse.down({ button });
  await page.mouse.move(box.x + (from[0] + to[0]) / 2, box.y + (from[1] + to[1]) / 2, { steps: 3 });
  await page.mouse.move(box.x + to[0], box.y + to[1], { steps: 3 });
  await page.mouse.up({ button });
  await settled(page);
}

export async function text_of(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().textContent()) ?? '';
}
