import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cut } from './barriers';
import { with_chromium, Stage } from './chromium';
import { drag, drawn } from './picture';

type Fake = {
  fake_world: { tell(event: object): void; rows(): { study_instance_uid: string; state: string; modality: string }[] };
};
const tell = (page: Page, event: object): Promise<void> =>
  page.evaluate((told) => (globalThis as unknown as Fake).fake_world.tell(told), event);

async function read(page: Page, state: string, modality = ''): Promise<void> {
  await page.locator('.study').first().waitFor();
  await page.evaluate(
    ([state, modality]) => {
      const { fake_world: world } = globalThis as unknown as Fake;
      const row = world.rows().find((one) => one.state === state && (modality === '' || one.modality === modality));
      world.tell({ kind: 'show_study', study_instance_uid: row?.study_instance_uid });
    },
    [state, modality],
  );
  await page.getByRole('main', { name: 'Reading' }).waitFor();
  await drawn(page);
}
const button = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name }).first().click();
async function report(page: Page): Promise<void> {
  await read(page, 'flagged');
  await page.keyboard.press('Control+3');
  await page.getByRole('main', { name: 'Report' }).waitFor();
}
async function versions(page: Page): Promise<void> {
  await page.keyboard.press('Control+4');
  await page.getByRole('tab', { name: 'Versions' }).click();
}

/** Every component that shows a dialog, the way to it, and what has the focus when it opens. */
const dialogs: [string, string, string, (page: Page) => Promise<void>][] = [
  [
    'reading/StatementForm.svelte',
    'asks',
    'Sequence',
    async (page) => {
      await read(page, 'refused');
      await button(page, 'State what these images are');
    },
  ],
  [
    'reading/PatientForm.svelte',
    '',
    'Patient ID',
    async (page) => {
      await read(page, 'flagged', 'XC');
      await button(page, /patient/i);
    },
  ],
  [
    'frame/CloseQuestion.svelte',
    '',
    'Do not close',
    async (page) => {
      await page.locator('.study').first().waitFor();
      await tell(page, { kind: 'close_requested', running_jobs: 1 });
    },
  ],
  [
    'frame/jobs/FailedFiles.svelte',
    '',
    'Close',
    async (page) => {
      await button(page, 'Import a folder');
      await button(page, 'Details');
    },
  ],
  ['frame/CommandList.svelte', '', 'Find a command', async (page) => page.keyboard.press('Control+k')],
  [
    'frame/ReadOnlyNote.svelte',
    'restored=records_replaced',
    'Cancel',
    async (page) => button(page, 'Accept these records'),
  ],
  [
    'viewer/Viewer.svelte',
    '',
    'Text',
    async (page) => {
      await read(page, 'flagged');
      await page.keyboard.press('b');
      await drag(page, [200, 200], [260, 240]);
    },
  ],
  [
    'screens/report/SignDialog.svelte',
    '',
    'Not yet',
    async (page) => {
      await report(page);
      await button(page, 'Sign…');
    },
  ],
  [
    'screens/report/AddKeyImages.svelte',
    '',
    'Close',
    async (page) => {
      await report(page);
      await button(page, 'Add from findings');
    },
  ],
  [
    'screens/models/DeedDialog.svelte',
    '',
    'Roll back',
    async (page) => {
      await versions(page);
      await button(page, 'Roll back: 0.0.9');
    },
  ],
  [
    'screens/models/DeedDialog.svelte',
    '',
    'Cancel',
    async (page) => {
      await versions(page);
      await button(page, /^Retire/);
    },
  ],
];

function components(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? components(path) : name.endsWith('.svelte') ? [path] : [];
  });
}

with_chromium('a dialog', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('no component shows a dialog of which the tests do not know', () => {
    const src = join(import.meta.dirname, '..', 'src');
    const found = components(src).filter((path) => readFileSync(path, 'utf8').includes('<Dialog'));
    expect(found.map((path) => relative(src, path)).sort()).toEqual([...new Set(dialogs.map(([name]) => name))].sort());
  });

  it.each(dialogs)('of %s (%s) begins at %s, whole in a small window', async (component, query, first, go) => {
    const { page, errors } = await stage.open(`open&${query}`, { width: 1024, height: 640 });
    await page.getByRole('navigation').first().waitFor();
    await go(page);
    const dialog = page.getByRole('dialog').last();
    await dialog.waitFor();
    if (process.env.OVERREAD_SHOTS !== undefined)
      await page.screenshot({ path: `${process.env.OVERREAD_SHOTS}/dialog ${component.replaceAll('/', ' ')}.png` });
    const focus = await page.evaluate(() => {
      const at = document.activeElement;
      const label = at instanceof HTMLElement && 'labels' in at ? (at as HTMLInputElement).labels?.[0] : undefined;
      return {
        name: at?.getAttribute('aria-label') ?? label?.textContent?.trim() ?? at?.textContent?.trim() ?? '',
        in_dialog: at?.closest('dialog') !== null,
        in_head: at?.closest('dialog header') !== null,
      };
    });
    expect(focus).toEqual({ name: first, in_dialog: true, in_head: false });
    const box = await dialog.boundingBox();
    expect(box === null ? '' : box.x >= 0 && box.y >= 0 && box.x + box.width <= 1024 && box.y + box.height <= 640).toBe(
      true,
    );
    expect(await cut(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it.each(['de', 'hu'])('has room for its buttons in %s', async (language) => {
    const { page } = await stage.open(`open&language=${language}`, { width: 1024, height: 640 });
    await page.locator('.study').first().waitFor();
    await tell(page, { kind: 'close_requested', running_jobs: 2 });
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const right = await dialog.evaluate((one) => one.getBoundingClientRect().right);
    const ends = await dialog
      .locator('button')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
    expect(ends.length).toBe(4);
    expect(Math.max(...ends)).toBeLessThan(right);
    if (process.env.OVERREAD_SHOTS !== undefined)
      await page.screenshot({ path: `${process.env.OVERREAD_SHOTS}/${language} dialog.png` });
    await page.close();
  });
});
