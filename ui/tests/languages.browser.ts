import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cut, sideways } from './barriers';
import { with_chromium, Stage } from './chromium';

type Fake = { fake_world: { tell(event: object): void; rows(): { study_instance_uid: string; state: string }[] } };

async function read(page: Page, state: string): Promise<void> {
  await page.locator('.study').first().waitFor();
  await page.evaluate((state) => {
    const { fake_world: world } = globalThis as unknown as Fake;
    const row = world.rows().find((one) => one.state === state);
    world.tell({ kind: 'show_study', study_instance_uid: row?.study_instance_uid });
  }, state);
  await page.locator('[data-tile]').first().waitFor();
}
const screen =
  (keys: string): ((page: Page) => Promise<void>) =>
  async (page) =>
    page.keyboard.press(keys);

/** Every screen, and the way there by keys, which are the same in every language. */
const places: [string, string, (page: Page) => Promise<void>][] = [
  ['first start', 'vaults=0', async (page) => page.locator('.card').waitFor()],
  ['known vaults', '', async (page) => page.locator('form').waitFor()],
  ['creating a vault', 'vaults=0', async (page) => page.locator('.ways button').nth(1).click()],
  ['worklist', 'open', async (page) => page.locator('.study').first().waitFor()],
  ['worklist, nothing outlined', 'open', async (page) => page.locator('.chips button').nth(5).click()],
  ['worklist, refused', 'open', async (page) => page.locator('.chips button').nth(6).click()],
  ['worklist, empty', 'open&studies=0', async (page) => page.locator('.empty').waitFor()],
  ['reading, flagged', 'open&asks', async (page) => read(page, 'flagged')],
  [
    'reading, refused, notes open',
    'open&asks',
    async (page) => {
      await read(page, 'refused');
      await page.locator('.opener').click();
    },
  ],
  ['reading, new', 'open', async (page) => read(page, 'new')],
  ['reading, read first', 'open&read_first', async (page) => read(page, 'flagged')],
  [
    'report',
    'open',
    async (page) => {
      await read(page, 'flagged');
      await page.keyboard.press('Control+3');
    },
  ],
  ['models', 'open', screen('Control+4')],
  ['quality', 'open', screen('Control+5')],
  ['administration', 'open', screen('Control+6')],
  ['settings', 'open', screen('Control+,')],
];

with_chromium.each(['en', 'de', 'hu'])('in %s, in a window of 1024 x 640,', (language) => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it.each(places)('%s shows its words whole, and days and ages in the language', async (name, query, go) => {
    const { page, errors } = await stage.open(`${query}&language=${language}`, { width: 1024, height: 640 });
    if (query.startsWith('open')) await page.getByRole('navigation').first().waitFor();
    if (query.startsWith('open') && !query.includes('studies=0')) await page.locator('.study').first().waitFor();
    await go(page);
    await page.waitForTimeout(500);
    if (process.env.OVERREAD_SHOTS !== undefined)
      await page.screenshot({ path: `${process.env.OVERREAD_SHOTS}/${language} ${name}.png` });
    expect(await cut(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    const text = await page.evaluate(() => document.body.innerText);
    expect(text.match(/\b\d{4}-\d{2}-\d{2}\b|\b\d+ y\b/g)).toBeNull();
    if (language !== 'en') expect(text.match(/\b\d+ years?\b/g)).toBeNull();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('the titles on the models screen are whole', async () => {
    const { page } = await stage.open(`open&language=${language}`, { width: 1024, height: 640 });
    await page.locator('.study').first().waitFor();
    await page.keyboard.press('Control+4');
    await page.locator('h2.theirs').waitFor();
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main h2.theirs, main .title, main .name')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.textContent),
    );
    expect(wide).toEqual([]);
    await page.close();
  });

  it('the panels of a study begin at their top', async () => {
    const { page } = await stage.open(`open&language=${language}`, { width: 1024, height: 640 });
    await read(page, 'flagged');
    await page.locator('article.selected').waitFor();
    await page.waitForTimeout(500);
    const scrolled = await page.evaluate(() =>
      [...document.querySelectorAll('main *')].filter((one) => one.scrollTop > 0).map((one) => one.className),
    );
    expect(scrolled).toEqual([]);
    // What is chosen later comes into sight.
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    await page.waitForTimeout(300);
    const [panel, card] = [
      await page.locator('aside').boundingBox(),
      await page.locator('article.selected').boundingBox(),
    ];
    expect((card?.y ?? 0) >= (panel?.y ?? 0) - 1 && (card?.y ?? 0) < 640).toBe(true);
    await page.close();
  });
});
