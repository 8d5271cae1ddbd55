import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';

const ALL = 'open&studies=100000';

/** Text of a column over the rows in sight, from top to bottom. */
async function column(page: Page, cell: number): Promise<string[]> {
  return page.locator('.study').evaluateAll(
    (rows, at) =>
      rows
        .map((row) => ({
          top: row.getBoundingClientRect().top,
          text: row.querySelectorAll('[role="gridcell"]')[at]?.textContent?.trim() ?? '',
        }))
        .sort((a, b) => a.top - b.top)
        .map((row) => row.text),
    cell,
  );
}

async function settled(page: Page): Promise<void> {
  await page.locator('.study[aria-busy="false"]').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.study[aria-busy="true"]') === null);
}

with_chromium('the worklist of 100,000 studies', () => {
  let stage: Stage;
  let page: Page;
  let errors: string[];
  beforeAll(async () => {
    stage = await Stage.raise();
    ({ page, errors } = await stage.open(ALL));
    await settled(page);
  });
  afterAll(() => stage.lower());

  it('keeps only the rows in sight in the page', async () => {
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
    expect(await page.locator('.study').count()).toBeLessThan(40);
    await page.getByText('100,000 studies').waitFor();
  });

  it('starts with the most suspicious and sorts by a press on a title, told by aria-sort', async () => {
    const scores = (await column(page, 7)).map((text) => Number.parseFloat(text));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const title = page.getByRole('columnheader', { name: 'Patient ID' });
    await title.getByRole('button').click();
    await page.waitForFunction(
      () => document.querySelector('[role="columnheader"].patient_id')?.getAttribute('aria-sort') === 'ascending',
    );
    await page.getByRole('gridcell', { name: 'P100000' }).first().waitFor();
    const ids = await column(page, 2);
    expect(ids).toEqual([...ids].sort());
    await title.getByRole('button').click();
    await page.getByRole('gridcell', { name: 'P199998' }).first().waitFor();
    expect(await title.getAttribute('aria-sort')).toBe('descending');
    expect(await page.getByRole('columnheader', { name: 'Score' }).getAttribute('aria-sort')).toBe('none');
  });

  it('scrolls to its end and back by the scroll bar and by keys', async () => {
    const grid = page.getByRole('grid');
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.locator('[aria-rowindex="100001"][aria-busy="false"]').waitFor();
    await grid.focus();
    await page.keyboard.press('Home');
    await page.locator('[aria-rowindex="2"][aria-busy="false"]').waitFor();
    expect(await grid.evaluate((element) => element.scrollTop)).toBe(0);
    await page.keyboard.press('End');
    await page.locator('[aria-rowindex="100001"][aria-busy="false"]').waitFor();
    const last = page.locator('[aria-rowindex="100001"]');
    expect(await last.getAttribute('aria-selected')).toBe('true');
    expect(await grid.getAttribute('aria-activedescendant')).toBe(await last.getAttribute('id'));
    await page.keyboard.press('Home');
    await settled(page);
  });

  it('draws two rows for a scroll step of two rows, and no more', async () => {
    const grid = page.getByRole('grid');
    const steps = await grid.evaluate(async (element) => {
      const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));
      const drawn: number[] = [];
      let added = 0;
      const is_row = (node: Node): boolean => node instanceof HTMLElement && node.getAttribute('role') === 'row';
      const rows = new MutationObserver((records) => {
        for (const record of records) added += [...record.addedNodes].filter(is_row).length;
      });
      rows.observe(element, { childList: true, subtree: true });
      for (let step = 0; step < 60; step += 1) {
        element.scrollTop += 104;
        element.dispatchEvent(new Event('scroll'));
        await frame();
        await frame();
        drawn.push(added);
        added = 0;
      }
      return drawn;
    });
    expect(Math.max(...steps)).toBeLessThanOrEqual(3);
    expect(steps.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(100);
    await page.keyboard.press('Home');
  });

  it('finds as one types, says how many, and offers the way back when nothing matches', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('P100042');
    await page.getByText('2 of 100,000 studies').waitFor();
    expect(await column(page, 2)).toEqual(['P100042', 'P100042']);
    await page.keyboard.type('nobody');
    await page.getByRole('heading', { name: 'No study matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page.getByText('100,000 studies').waitFor();
  });

  it('shows the answer to the last letters also where the first answer comes later', async () => {
    await page.evaluate(() => {
      const world = (globalThis as unknown as { fake_world: { options: { slow: number } } }).fake_world;
      world.options.slow = 400;
      setTimeout(() => (world.options.slow = 0), 120);
    });
    await page.keyboard.press('/');
    await page.keyboard.type('P1000');
    await page.waitForTimeout(110);
    await page.keyboard.type('77');
    await page.getByText('1 of 100,000 studies').waitFor();
    await page.waitForTimeout(600);
    expect(await column(page, 2)).toEqual(['P100077']);
    await page.keyboard.press('Escape');
    await page.getByText('100,000 studies', { exact: true }).waitFor();
  });

  it('calls a study outlined, and never flagged, where a model says where and not whether', async () => {
    for (const [name, modality] of [
      ['Outlined', 'CT'],
      ['Nothing outlined', 'CT'],
      ['Flagged', 'MR'],
    ] as const) {
      const chip = page.getByRole('button', { name: new RegExp(`^${name} [\\d,]+$`) });
      await chip.click();
      await page.waitForFunction(
        (wanted) => document.querySelector('.study [role="gridcell"]:nth-child(7)')?.textContent?.trim() === wanted,
        name,
      );
      await settled(page);
      expect(new Set(await column(page, 6))).toEqual(new Set([name]));
      expect((await column(page, 4)).includes(modality)).toBe(true);
      expect((await column(page, 4)).includes('CT')).toBe(modality === 'CT');
      expect((await page.locator('.study .score.flagged').count()) > 0).toBe(name === 'Flagged');
      expect((await page.locator('.study .score.outlined').count()) > 0).toBe(name === 'Outlined');
      const why = await page.locator('.study .badge').first().getAttribute('title');
      expect(why?.startsWith('This model says where, not whether') ?? false).toBe(modality === 'CT');
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await page.getByText('100,000 studies', { exact: true }).waitFor();
    }
  });

  it('filters by state, with a count on each', async () => {
    const chip = page.getByRole('button', { name: /^Refused/ });
    const count = /[\d,]+/.exec((await chip.textContent()) ?? '')?.[0];
    await chip.click();
    await page.getByText(`${count} of 100,000 studies`).waitFor();
    await settled(page);
    expect(new Set(await column(page, 6))).toEqual(new Set(['Refused']));
    expect(await chip.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
  });

  it('keeps its place and its selection when studies change', async () => {
    const grid = page.getByRole('grid');
    await page.getByRole('columnheader', { name: 'Patient ID' }).getByRole('button').click();
    await settled(page);
    await grid.focus();
    for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('PageDown');
    await settled(page);
    const before = await page.locator('[aria-selected="true"]').textContent();
    const top = await grid.evaluate((element) => element.scrollTop);
    expect(top).toBeGreaterThan(500);
    await page.evaluate(() => {
      const world = (globalThis as unknown as { fake_world: { change: (uid: string, part: object) => void } })
        .fake_world;
      world.change('1.2.826.0.1.3680043.8.498.1000001', { state: 'reviewed' });
    });
    await page.waitForTimeout(900);
    expect(await page.locator('[aria-selected="true"]').textContent()).toBe(before);
    expect(await grid.evaluate((element) => element.scrollTop)).toBe(top);
  });

  it('threw nothing and logged no error', () => {
    expect(errors).toEqual([]);
  });
});
