import { afterAll, beforeAll, expect, it } from 'vitest';
import { barriers, sideways } from './barriers';
import { with_chromium, Stage, type Opened } from './chromium';

with_chromium('administration', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  async function open_administration(query = ''): Promise<Opened> {
    const opened = await stage.open(`open&${query}`);
    await opened.page.getByRole('navigation').first().waitFor();
    await opened.page.keyboard.press('Control+6');
    await opened.page.getByRole('heading', { name: 'Administration' }).waitFor();
    return opened;
  }

  it('says in plain words what analyses run on, what the vault holds and that this is not for diagnosis', async () => {
    const { page, errors } = await open_administration();
    await page.getByText('Analyses run on the processor').waitFor();
    await page.getByRole('region', { name: 'Vault' }).getByText('240').waitFor();
    await page.getByText('Not for diagnosis.').waitFor();
    await page.getByText('Overread 0.1.0').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('backs up, shows how far it is and what came of it', async () => {
    const { page } = await open_administration();
    const card = page.getByRole('region', { name: 'Backup' });
    await card.getByText('No backup has been made').waitFor();
    await card.getByRole('button', { name: 'Back up…' }).click();
    await card.getByRole('progressbar').waitFor();
    await card.getByText('Every file was read back and is correct.').waitFor();
    await card.getByText('/media/stick/overread-backup').waitFor();
    await page.close();
  });

  it('pages through the audit log, newest first, and shows the details of a row', async () => {
    const { page } = await open_administration();
    await page.getByRole('tab', { name: 'Audit log' }).click();
    await page.getByText('Rows 2400 to 2301').waitFor();
    await page.getByRole('button', { name: 'Details of row 2396' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('old infarct').waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('Rows 2300 to 2201').waitFor();
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.getByText('Rows 2400 to 2301').waitFor();
    expect(await page.getByRole('button', { name: 'Newer' }).isDisabled()).toBe(true);
    await page.close();
  });

  it('finds rows, says when there are none, and checks the chain', async () => {
    const { page } = await open_administration();
    await page.getByRole('tab', { name: 'Audit log' }).click();
    await page.getByLabel(/Search the audit log/).fill('data_export');
    await page.getByText('Rows 2398 to').waitFor();
    expect(new Set(await page.locator('tbody tr td:nth-child(5)').allInnerTexts())).toEqual(new Set(['Exported']));
    await page.getByLabel(/Search the audit log/).fill('no such thing');
    await page.getByText('Nothing in the audit log matches “no such thing”.').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByText('Rows 2400 to 2301').waitFor();
    await page.getByRole('button', { name: 'Check the chain' }).click();
    await page.getByText('All 2,400 rows are unchanged').waitFor();
    await page.close();
  });

  it('tells each failure where it belongs, with a way to try again', async () => {
    const { page } = await open_administration('fail=device_info:worker_died,vault_status:database');
    await page.getByRole('region', { name: 'Device' }).getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByRole('region', { name: 'Vault' }).getByRole('alert').waitFor();
    await page.getByRole('region', { name: 'Backup' }).getByRole('button', { name: 'Back up…' }).waitFor();
    await page.close();
  });

  it('locks', async () => {
    const { page } = await open_administration();
    await page.getByRole('button', { name: 'Lock now' }).click();
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    await page.close();
  });

  it.each(['dark', 'light'])('has no serious barrier in the %s theme and fits into 1366 x 768', async (theme) => {
    const { page, errors } = await open_administration(`theme=${theme}`);
    await page.getByText('Libraries and their licences').click();
    expect(await barriers(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.getByRole('tab', { name: 'Audit log' }).click();
    await page.getByRole('button', { name: 'Details of row 2396' }).click();
    await page.getByRole('button', { name: 'Check the chain' }).click();
    await page.getByText('the chain is intact').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await page.close();
  });
});
