import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has_chromium, Stage } from './chromium';

describe.skipIf(!has_chromium)('the first start', () => {
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

  it('says that the passphrase is wrong, and what to do', async () => {
    const { page } = await stage.open('');
    await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('alert').getByText('The name or the passphrase is wrong.').waitFor();
    await page.close();
  });
});
