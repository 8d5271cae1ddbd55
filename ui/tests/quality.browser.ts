import { afterAll, beforeAll, expect, it } from 'vitest';
import { barriers, sideways } from './barriers';
import { with_chromium, Stage, type Opened } from './chromium';

with_chromium('quality', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  async function open_quality(query = '', size = { width: 1366, height: 768 }, title = 'Quality'): Promise<Opened> {
    const opened = await stage.open(`open&${query}`, size);
    await opened.page.getByRole('navigation').first().waitFor();
    await opened.page.keyboard.press('Control+5');
    await opened.page.getByRole('heading', { name: title }).waitFor();
    return opened;
  }

  it('counts each model and says how often model and reader agreed, with the interval', async () => {
    const { page, errors } = await open_quality();
    const row = page.getByRole('row').filter({ hasText: '0.1.0' });
    await row.waitFor();
    expect(await row.getByRole('cell').count()).toBe(11);
    const words = (await page.getByText(/Model and reader agreed on/).textContent()) ?? '';
    const [, agreed, total, share, low, high] = (
      /agreed on ([\d,]+) of ([\d,]+) studies that were read: (\d+)% \(95 % interval (\d+)% to (\d+)%\)/.exec(words) ??
      []
    ).map((one) => Number(one.replaceAll(',', '')));
    expect(total).toBeGreaterThan(0);
    expect(Math.round((100 * (agreed ?? 0)) / (total ?? 1))).toBe(share);
    expect(low).toBeLessThanOrEqual(share ?? 0);
    expect(high).toBeGreaterThanOrEqual(share ?? 0);
    await page.getByText(/the model agreed with 85 of 96 own opinions/).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('draws days, and weeks of a year, and reads out what the pointer is over', async () => {
    const { page } = await open_quality();
    await page.getByRole('heading', { name: 'By day' }).waitFor();
    const chart = page.getByRole('img', { name: 'Mean score' });
    await expect.poll(() => chart.locator('circle').count()).toBeGreaterThan(20);
    await chart.hover({ position: { x: 400, y: 60 } });
    await page.getByText(/: 0\.\d{3}, \d+ scores?$/).waitFor();
    await page.getByLabel('Days', { exact: true }).selectOption('365');
    await page.getByRole('heading', { name: 'By week' }).waitFor();
    await expect
      .poll(() => page.getByRole('img', { name: 'Distribution of the scores' }).locator('.cell').count())
      .toBeGreaterThan(100);
    await page.getByText('The same as a table').click();
    expect(await page.locator('details tbody tr').count()).toBeGreaterThan(30);
    await page.close();
  });

  it('keeps another model apart', async () => {
    const { page } = await open_quality();
    await page.getByLabel('Model', { exact: true }).selectOption({ index: 1 });
    await page.getByText('No study was reviewed or signed in these days').waitFor();
    expect(await page.getByRole('heading', { name: 'By day' }).count()).toBe(0);
    await page.close();
  });

  it('counts no flag and no agreement of a model that says where and not whether', async () => {
    const { page } = await open_quality();
    const row = page.getByRole('row').filter({ hasText: 'head-ct' });
    await row.waitFor();
    const cell = (column: string): Promise<string> => row.locator(`[data-column="${column}"]`).innerText();
    expect([(await cell('Flagged')).trim(), (await cell('Outlined')).trim()]).toEqual(['–', '24\n33%']);
    await page.getByLabel('Model', { exact: true }).selectOption({ index: 2 });
    await page.getByText('This model says where, not whether: there is no flag that a reader could agree').waitFor();
    await page.getByRole('img', { name: 'Share outlined and share refused' }).waitFor();
    await page.getByText('The same as a table').click();
    const heads = await page.locator('details thead th').allInnerTexts();
    expect([heads.includes('Outlined'), heads.includes('Flagged')]).toEqual([true, false]);
    expect(await page.getByRole('rowheader', { name: 'Flagged' }).count()).toBe(0);
    await page.close();
  });

  it('has words where nothing was analysed, and a way on where the program fails', async () => {
    const empty = await open_quality('studies=0');
    await empty.page.getByRole('heading', { name: 'Nothing to count yet' }).waitFor();
    await empty.page.close();
    const failing = await open_quality('fail=quality:report_failed');
    await failing.page.getByRole('main').getByRole('button', { name: 'Try again' }).waitFor();
    await failing.page.close();
  });

  it.each([
    [900, 'en', 'Quality'],
    [900, 'hu', 'Minőség'],
    [900, 'de', 'Qualität'],
    [1120, 'hu', 'Minőség'],
    [1260, 'hu', 'Minőség'],
  ])('shows every figure of a model at %i px in %s', async (width, language, title) => {
    const { page } = await open_quality(`language=${language}`, { width, height: 700 }, title);
    const row = page.getByRole('row').filter({ hasText: '0.1.0' });
    await row.waitFor();
    expect(await page.getByRole('columnheader').count()).toBeGreaterThanOrEqual(11);
    const cells = await row.getByRole('cell').all();
    expect(cells.length).toBe(11);
    const shown = await page.locator('.wide').evaluate((region) => ({
      left: region.getBoundingClientRect().left,
      right: region.getBoundingClientRect().right,
      over: region.scrollWidth - region.clientWidth,
    }));
    expect(shown.over).toBeLessThanOrEqual(0);
    for (const cell of cells) {
      const box = await cell.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(shown.left);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(shown.right);
      // A word wider than its cell would run into the next one.
      expect(await cell.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0);
    }
    expect(await barriers(page)).toEqual([]);
    await page.close();
  });

  it.each(['dark', 'light'])('has no serious barrier in the %s theme and fits into 1366 x 768', async (theme) => {
    const { page, errors } = await open_quality(`theme=${theme}`);
    await page.getByText('The same as a table').click();
    await page.locator('details tbody tr').first().waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await page.close();
  });
});
