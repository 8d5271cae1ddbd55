import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';

type Box = { x: number; y: number; width: number; height: number };

const boxes = (page: Page, selector: string): Promise<Box[]> =>
  page
    .locator(selector)
    .evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect()).map(({ x, y, width, height }) => ({ x, y, width, height })),
    );

/** Ways a name can try to be more than a name. */
const names = [
  '<b>Bold</b>, <img src=x onerror=alert(1)>',
  'כהן',
  'Müller-"Quote", O\'Neil & Söhne',
  'Wolfeschlegelsteinhausenbergerdorff',
];

with_chromium('names that files bring', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it.each([
    [900, 600],
    [1080, 768],
    [1366, 768],
    [1920, 1080],
  ])('stand as they are and break no row at %d x %d', async (width, height) => {
    const { page, errors } = await stage.open('open&studies=9', { width, height });
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await page.locator('.study').nth(8).waitFor();
    const shown = await page.locator('.study .name').allTextContents();
    expect(shown).toContain(names[0]);
    expect(shown).toContain(names[2]);
    expect(shown.some((name) => name.startsWith(names[3] ?? '?') && name.length > 180)).toBe(true);
    expect(await page.locator('.study b, .study img[src="x"]').count()).toBe(0);
    expect(dialogs).toBe(0);

    const rows = await boxes(page, '.study');
    expect(rows.map((row) => row.height)).toEqual(rows.map(() => 52));
    for (const cell of await boxes(page, '.study:first-child > *, .head .row > *'))
      expect(cell.x + cell.width).toBeLessThanOrEqual(width);
    const [ids, dates, labels] = await Promise.all([
      boxes(page, '.study > :nth-child(3)'),
      boxes(page, '.study > :nth-child(4)'),
      boxes(page, '.study .name'),
    ]);
    labels.forEach((label, at) => {
      const id = ids[at];
      const date = dates[at];
      expect(id).toBeDefined();
      expect(label.x + label.width).toBeLessThanOrEqual(id?.x ?? 0);
      expect((id?.x ?? 0) + (id?.width ?? 0)).toBeLessThanOrEqual(date?.x ?? 0);
      expect(label.height).toBeLessThan(24);
    });
    expect(new Set(ids.map((id) => id.x)).size).toBe(1);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('written from the right do not turn the text beside them', async () => {
    const { page } = await stage.open('open&studies=9');
    const row = page.locator('.study', { hasText: 'محمد' });
    await row.waitFor();
    const style = await row.locator('.name').evaluate((element) => ({
      direction: getComputedStyle(element).direction,
      bidi: getComputedStyle(element).unicodeBidi,
    }));
    expect(style).toEqual({ direction: 'rtl', bidi: 'isolate' });
    const override = page.locator('.study', { hasText: 'emaN' }).or(page.locator('.study', { hasText: 'Sdrawkcab' }));
    expect(await override.locator('[role="gridcell"]').nth(3).textContent()).toMatch(/^\d{2} \w+ \d{4}$/);
    await page.close();
  });

  it.each(['reading', 'report'])('do not break the screen %s', async (screen) => {
    for (const index of [0, 1, 3, 4]) {
      const { page, errors } = await stage.open('open&studies=9');
      await page.locator('.study').nth(8).waitFor();
      await page.getByRole('columnheader', { name: 'Imported' }).getByRole('button').click();
      await page.waitForFunction(() => document.querySelector('.imported')?.getAttribute('aria-sort') === 'descending');
      await page.waitForTimeout(200);
      await page.locator(`#study-${index}`).click();
      await page.keyboard.press(screen === 'reading' ? 'Enter' : 'Control+Enter');
      await page.getByRole('main', { name: screen === 'reading' ? 'Reading' : 'Report' }).waitFor();
      await page.waitForTimeout(500);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await page.locator('main b:has-text("Bold"), img[src="x"]').count()).toBe(0);
      expect(errors).toEqual([]);
      await page.close();
    }
  });
});
