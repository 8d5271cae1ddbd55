import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';

const focused = (page: Page): Promise<string> =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '',
  );

with_chromium('without a mouse', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('one unlocks, searches, opens a study, comes back and locks', async () => {
    const { page, errors } = await stage.open('');
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('grid').waitFor();
    expect(await focused(page)).toBe('Studies');
    // a letter starts a search, Enter goes down into the list
    await page.keyboard.type('mr');
    await page.getByText(/of 240 studies/).waitFor();
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('Studies');
    await page.locator('.study[aria-selected="true"]').waitFor();
    expect(await page.locator('[aria-selected="true"]').getAttribute('aria-rowindex')).toBe('2');
    await page.keyboard.press('ArrowDown');
    const name = await page.locator('[aria-selected="true"] .name').textContent();
    await page.keyboard.press('Enter');
    await page
      .getByRole('main', { name: 'Reading' })
      .getByText(name ?? '')
      .first()
      .waitFor();
    await page.keyboard.press('Control+1');
    await page.getByRole('grid').waitFor();
    expect(await page.locator('[aria-selected="true"] .name').textContent()).toBe(name);
    await page.keyboard.press('Control+l');
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('the command list finds an action by a few letters and runs it', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('newest');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.date')?.getAttribute('aria-sort') === 'descending');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await focused(page)).toBe('Studies');
    await page.close();
  });

  it('the menu of a study opens by its key and gives the focus back', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Open the study' }).waitFor();
    expect(await focused(page)).toContain('Open the study');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toContain('Analyse the study');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('Studies');
    await page.close();
  });

  it('a shortcut is recorded, its conflict named, taken over and used', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Control+,');
    await page.getByRole('tab', { name: 'Shortcuts' }).click();
    const add = page.getByRole('button', { name: 'Add keys for Switch between dark and light' });
    await add.click();
    await page.keyboard.press('Control+k');
    await page.getByRole('alert').getByText('already belongs to Command list').waitFor();
    await page.getByRole('button', { name: 'Use it here' }).click();
    await page.keyboard.press('Control+k');
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
    await page.getByRole('button', { name: 'Reset all' }).click();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command list' }).waitFor();
    await page.close();
  });
});
