import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';

type Fake = {
  fake_world: {
    tell: (event: object) => void;
    jobs: { start: (plan: object) => number; list: { state: string }[] };
    session: object | null;
    study: (uid: string) => { patient_name: string };
  };
};

with_chromium('the vault and its jobs', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('is created only with a folder, a name, one passphrase twice and the warning read', async () => {
    const { page } = await stage.open('vaults=0');
    await page.getByRole('button', { name: 'Create a vault' }).click();
    const create = page.getByRole('button', { name: 'Create', exact: true });
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    await page.getByText('/data/new vault').waitFor();
    await page.getByLabel('Your name in this vault').fill('Dr. Test');
    await page.getByLabel('Passphrase', { exact: true }).fill('abc');
    await page.getByText('Easy to guess.').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery staple');
    await page.getByText('Good.').waitFor();
    await page.getByLabel('Passphrase again').fill('correct horse battery');
    await page.getByText('The two passphrases differ.').waitFor();
    await page.getByLabel('Passphrase again').fill('correct horse battery staple');
    expect(await create.isDisabled()).toBe(true);
    await page.getByRole('checkbox').check();
    await create.click();
    await page.getByRole('grid').waitFor();
    await page.close();
  });

  it('leaves nothing on the screen when it locks, whatever was open', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('ArrowDown');
    const name = (await page.locator('[aria-selected="true"] .name').textContent()) ?? '?';
    await page.keyboard.press('Control+k');
    await page.evaluate(() => {
      const { fake_world } = globalThis as unknown as Fake;
      fake_world.session = null;
      fake_world.tell({ kind: 'locked' });
    });
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.content()).not.toContain(name);
    await page.close();
  });

  it.each(['records_replaced', 'anchor_missing'])(
    'with %s is shown for reading, and changed only after its records were accepted',
    async (why) => {
      const { page } = await stage.open(`open&restored=${why}`);
      await page.getByRole('grid').waitFor();
      const note = page.getByRole('status').filter({ hasText: 'open for reading only' });
      await note.waitFor();
      const may_import = (): Promise<boolean> =>
        page
          .getByRole('button', { name: 'Import a folder' })
          .isEnabled({ timeout: 1_000 })
          .catch(() => false);
      expect(await may_import()).toBe(false);
      await note.getByRole('button', { name: 'Accept these records' }).click();
      await page.getByRole('dialog').getByText('files/lost').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Accept', exact: true }).click();
      await note.waitFor({ state: 'detached' });
      expect(await may_import()).toBe(true);
      await page.close();
    },
  );

  it.each([
    ['Make it a rule of this vault', true],
    ['Show answers at once in this vault', false],
  ])('is asked once whether its readers read first, before any answer is on the screen: %s', async (answer, hidden) => {
    const { page } = await stage.open('open&offered&studies=20');
    await page.getByRole('heading', { name: 'Read first in this vault?' }).waitFor();
    expect(await page.getByRole('grid').count()).toBe(0);
    await page.getByRole('button', { name: answer }).click();
    await page.locator('.study').first().waitFor();
    await expect.poll(async () => (await page.getByText('Your opinion first').count()) > 0).toBe(hidden);
    await page.close();
  });

  it('locks itself when nobody touches the machine', async () => {
    const { page } = await stage.open('open&lock=0.05');
    await page.getByRole('grid').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    await page.close();
  });

  it('an import tells its progress, ends with each file that failed, and can be stopped', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('button', { name: 'Import a folder' }).click();
    await page.getByText(/of 400 · 60 a second · \d sec left/).waitFor();
    await page.getByRole('button', { name: 'Details' }).waitFor();
    await page.getByText('12 files could not be read').waitFor();
    await page.getByRole('button', { name: 'Details' }).click();
    const list = page.getByRole('list', { name: 'Files and reasons' });
    await list.getByText('The file ends too early.').first().waitFor();
    await list.getByText('the file ends after 1,024 of 132,096 bytes').first().waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Import files' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped. What was done until then is kept.').waitFor();
    await page.close();
  });

  it('closing while a job runs asks, and stopping stops', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('button', { name: 'Import a folder' }).click();
    await page.evaluate(() =>
      (globalThis as unknown as Fake).fake_world.tell({ kind: 'close_requested', running_jobs: 1 }),
    );
    await page.getByRole('dialog', { name: '1 job is still running' }).waitFor();
    await page.getByRole('button', { name: 'Do not close' }).click();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.evaluate(() =>
      (globalThis as unknown as Fake).fake_world.tell({ kind: 'close_requested', running_jobs: 1 }),
    );
    await page.getByRole('button', { name: 'Stop and close' }).click();
    await page.waitForFunction(() =>
      (globalThis as unknown as Fake).fake_world.jobs.list.every((job) => job.state === 'canceled'),
    );
    await page.close();
  });

  it('a drop is announced over everything and goes away again', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('grid').waitFor();
    const tell = (state: string): Promise<void> =>
      page.evaluate(
        (now) => (globalThis as unknown as Fake).fake_world.tell({ kind: 'drop', state: now, count: 3 }),
        state,
      );
    await tell('over');
    await page.getByText('Drop them to import 3 files and folders').waitFor();
    await tell('left');
    await page.getByText('Drop them to import').waitFor({ state: 'detached' });
    await page.close();
  });

  it.each([
    ['open_worklist:vault_busy', 'Another program is using the vault.', 'Try again'],
    ['import_files:disk_full', 'The disk is full.', 'Try again'],
  ])('the failure %s is a sentence with an action', async (fail, sentence, action) => {
    const { page } = await stage.open(`open&fail=${fail}`);
    if (fail.startsWith('import')) await page.getByRole('button', { name: 'Import files' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText(sentence).waitFor();
    await alert.getByRole('button', { name: action }).waitFor();
    await page.close();
  });
});
