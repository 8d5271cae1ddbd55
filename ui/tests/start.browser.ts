import { afterAll, beforeAll, expect, it } from 'vitest';
import { uid_of } from '../src/ipc/fake/studies';
import { with_chromium, Stage } from './chromium';

with_chromium('the first start', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('opens the sample scans with one press', async () => {
    const { page, errors } = await stage.open('vaults=0');
    await page.getByRole('button', { name: 'Try it with sample scans' }).click();
    await page.getByRole('heading', { name: 'Worklist' }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it.each([
    ['en', 'Open a vault or a backup…', 'Passphrase', 'Open', 'Name'],
    ['de', 'Tresor oder Sicherung öffnen…', 'Passphrase', 'Öffnen', 'Name'],
    ['hu', 'Adattár vagy mentés megnyitása…', 'Jelmondat', 'Megnyitás', 'Név'],
  ])(
    'opens a vault, or a backup, that comes from another machine (%s)',
    async (language, way, passphrase, open, name) => {
      const { page, errors } = await stage.open(`vaults=0&language=${language}`, { width: 1024, height: 640 });
      await page.getByRole('button', { name: way }).click();
      await page.getByText('/data/new vault').waitFor();
      await page.getByLabel(name, { exact: true }).fill('admin');
      await page.getByLabel(passphrase, { exact: true }).fill('wrong');
      await page.getByRole('button', { name: open, exact: true }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel(passphrase, { exact: true }).fill('right');
      await page.getByRole('button', { name: open, exact: true }).click();
      await page.locator('.study').first().waitFor();
      expect(errors).toEqual([]);
      await page.close();
    },
  );

  it('stays as it is where no folder is chosen, and says why none can be', async () => {
    const { page } = await stage.open('vaults=0&fail=choose_vault_folder:internal');
    await page.getByRole('button', { name: 'Open a vault or a backup…' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Passphrase', { exact: true }).count()).toBe(0);
    await page.close();
  });

  it('says how many files wait, also of a start that came while the vault is locked', async () => {
    const { page } = await stage.open('');
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    const wait_for = (count: number): Promise<void> =>
      page.evaluate(
        (count) =>
          (globalThis as unknown as { fake_world: { tell(event: object): void } }).fake_world.tell({
            kind: 'paths_wait',
            count,
          }),
        count,
      );
    await wait_for(1);
    await page.getByRole('status').getByText('1 file waits').waitFor();
    await wait_for(3);
    await page.getByRole('status').getByText('3 files wait').waitFor();
    await page.close();
  });

  it('shows the study of a file that waited, though it was there before the vault was', async () => {
    const { page } = await stage.open('');
    await page.getByLabel('Passphrase', { exact: true }).fill('right');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    // The made-up program takes 300 ms to unlock; the study is told at once.
    await page.evaluate(
      (uid) =>
        (globalThis as unknown as { fake_world: { tell(event: object): void } }).fake_world.tell({
          kind: 'show_study',
          study_instance_uid: uid,
        }),
      uid_of(0),
    );
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.getByRole('main', { name: 'Reading' }).waitFor();
    await page.close();
  });

  it('says that the passphrase is wrong, and what to do', async () => {
    const { page } = await stage.open('');
    await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('alert').getByText('The name or the passphrase is wrong.').waitFor();
    await page.close();
  });
});
