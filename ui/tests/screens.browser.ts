import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { barriers, sideways } from './barriers';
import { with_chromium, Stage } from './chromium';

/** Every screen and what opens over it: a name, the start, and the way there. */
const places: [string, string, (page: Page) => Promise<void>][] = [
  [
    'unlock, first start',
    'vaults=0',
    async (page) => page.getByRole('button', { name: 'Try it with sample scans' }).waitFor(),
  ],
  ['unlock, known vaults', '', async (page) => page.getByLabel('Passphrase', { exact: true }).waitFor()],
  ['creating a vault', 'vaults=0', async (page) => page.getByRole('button', { name: 'Create a vault' }).click()],
  [
    'wrong passphrase',
    '',
    async (page) => {
      await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  ],
  ['worklist', 'open&studies=100000', async (page) => page.locator('.study').first().waitFor()],
  ['worklist with awkward names', 'open&studies=9', async (page) => page.locator('.study').first().waitFor()],
  ['worklist, read first', 'open&read_first', async (page) => page.locator('.study').first().waitFor()],
  [
    'worklist, empty',
    'open&studies=0',
    async (page) => page.getByRole('heading', { name: 'No studies yet' }).waitFor(),
  ],
  [
    'worklist, filter open',
    'open',
    async (page) => {
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByRole('dialog').getByLabel('Study date').selectOption('own');
    },
  ],
  ['worklist, saved filters open', 'open', async (page) => page.getByRole('button', { name: 'Saved filters' }).click()],
  [
    'worklist, a menu and a job',
    'open',
    async (page) => {
      await page.getByRole('button', { name: 'Import a folder' }).click();
      await page.locator('.study').first().click({ button: 'right' });
      await page.getByRole('menuitem').first().waitFor();
    },
  ],
  [
    'import summary',
    'open',
    async (page) => {
      await page.getByRole('button', { name: 'Import files' }).click();
      await page.getByRole('button', { name: 'Details' }).click();
    },
  ],
  [
    'command list',
    'open',
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
    },
  ],
  [
    'reading',
    'open',
    async (page) => {
      await page.locator('.study').nth(1).dblclick();
      await page.getByRole('main', { name: 'Reading' }).waitFor();
    },
  ],
  [
    'report',
    'open',
    async (page) => {
      await page.locator('.study').nth(1).click();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('main', { name: 'Report' }).waitFor();
    },
  ],
  ...(['models', 'quality', 'administration', 'settings'] as const).map(
    (id, at): [string, string, (page: Page) => Promise<void>] => [
      id,
      'open',
      async (page) => {
        await page.keyboard.press(['Control+4', 'Control+5', 'Control+6', 'Control+,'][at] ?? '');
        await page.getByRole('main', { name: new RegExp(id, 'i') }).waitFor();
      },
    ],
  ),
  [
    'shortcuts',
    'open',
    async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('tab', { name: 'Shortcuts' }).click();
    },
  ],
];

with_chromium.each(['dark', 'light'])('in the %s theme', (theme) => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it.each(places)('%s has no serious barrier and fits into 1366 x 768', async (_name, query, go) => {
    const { page, errors } = await stage.open(`${query}&theme=${theme}`);
    if (query.startsWith('open')) await page.getByRole('navigation').waitFor();
    if (query.startsWith('open') && !query.includes('studies=0')) await page.locator('.study').first().waitFor();
    await go(page);
    await page.waitForTimeout(400);
    expect(await barriers(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await page.close();
  });
});
