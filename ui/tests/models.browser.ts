import { afterAll, beforeAll, expect, it } from 'vitest';
import { barriers, sideways } from './barriers';
import { with_chromium, Stage, type Opened } from './chromium';

with_chromium('the models', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  async function open_models(query = ''): Promise<Opened> {
    const opened = await stage.open(`open&${query}`);
    await opened.page.getByRole('navigation').first().waitFor();
    await opened.page.keyboard.press('Control+4');
    await opened.page.getByRole('heading', { name: 'Models' }).waitFor();
    return opened;
  }

  it('shows the card as text that can be read, with no markup of its own', async () => {
    const { page, errors } = await open_models();
    const card = page.getByRole('tabpanel', { name: 'Card' });
    await card.getByRole('heading', { name: 'brain-mri-flair 0.1.0' }).waitFor();
    expect(await card.locator('img, script, a').count()).toBe(0);
    await card.getByText('<img src=x onerror=alert(1)> is text here').waitFor();
    expect(await card.locator('table tbody tr').count()).toBe(15);
    await page.getByText('Non-commercial licence').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('draws each figure where its value and its interval lie', async () => {
    const { page } = await open_models();
    await page.getByRole('tab', { name: 'Figures' }).click();
    const row = page.getByRole('row').filter({ hasText: 'patient_dice' });
    expect(await row.getByRole('cell').nth(0).textContent()).toBe('0.816');
    const place = await row
      .locator('svg')
      .last()
      .evaluate((svg) => {
        const box = svg.getBoundingClientRect();
        const share = (x: number): number => (x - box.left) / box.width;
        const dot = svg.querySelector('circle')?.getBoundingClientRect() ?? box;
        const line = svg.querySelector('.interval')?.getBoundingClientRect() ?? box;
        return [share((dot.left + dot.right) / 2), share(line.left), share(line.right)];
      });
    expect(place[0]).toBeCloseTo(0.816, 2);
    expect(place[1]).toBeCloseTo(0.75, 2);
    expect(place[2]).toBeCloseTo(0.877, 2);
    expect(await page.getByRole('row').filter({ hasText: 'probe.centre_pointing' }).locator('circle').count()).toBe(0);
    await page.close();
  });

  it('takes a prevalence that was stated, shows an estimate that changes nothing, and takes it back', async () => {
    const { page, errors } = await open_models();
    await page.getByRole('tab', { name: 'Operating points' }).click();
    const section = page.getByRole('region', { name: 'Prevalence' });
    await section.getByText('where 40.9% of the images are abnormal').waitFor();
    const use = section.getByRole('button', { name: 'Use this share' });
    const field = section.getByLabel('Abnormal images here, in per cent');
    await field.fill('800');
    await section.getByText('Enter a number from 0.1 to 99.9.').waitFor();
    expect(await use.isDisabled()).toBe(true);
    await section.getByRole('button', { name: 'Estimate from this vault' }).click();
    await section.getByText('suggest 9.4%').waitFor();
    expect(await section.locator('[data-stated]').count()).toBe(0);
    await field.fill('9.4');
    await use.click();
    await section.getByText('Here scores are told for 9.4%, as stated by admin').waitFor();
    expect(await sideways(page)).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await section.getByRole('button', { name: 'Use the model’s own' }).click();
    await section.locator('[data-stated]').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('rolls back, retires and activates, each after it has said what that means', async () => {
    const { page } = await open_models();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Roll back: 0.0.9' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It replaces version 0.1.0.').waitFor();
    await dialog.getByText('Earlier analyses stay as they are').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Roll back: 0.0.9' }).click();
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('New analyses use brain-mri-flair 0.0.9 again.').waitFor();
    await page.getByRole('button', { name: 'Retire: 0.0.9' }).click();
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('button', { name: 'Activate: 0.0.9' }).waitFor();
    await page.close();
  });

  it('installs from a folder and shows what was added', async () => {
    const { page } = await open_models();
    await page.getByRole('button', { name: 'Install from a folder…' }).click();
    await page.getByText('brain-mri-flair 0.2.0 is installed.').waitFor();
    await page.locator('nav [aria-current="true"]').filter({ hasText: '0.2.0' }).waitFor();
    await page.close();
  });

  it('says of each model whether it tells whether or where, and why', async () => {
    const { page } = await open_models();
    const says = page.locator('[data-says]');
    await page.getByText('Says whether: it flags. Of patients without a lesion it stayed silent on 87.0%').waitFor();
    expect(await says.getAttribute('data-says')).toBe('whether');
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /chest-xray/ })
      .click();
    await page
      .getByText(/^Says where, not whether: it outlines and never flags.*It was not counted in patients/)
      .waitFor();
    await page.getByRole('tab', { name: 'Operating points' }).click();
    await page.getByText('is outlined and not flagged').waitFor();
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /damaged-bundle/ })
      .click();
    await says.waitFor({ state: 'detached' });
    await page.close();
  });

  it('says in words what is damaged', async () => {
    const { page } = await open_models();
    await page.getByRole('button', { name: 'Verify all' }).click();
    await page.getByRole('status').getByText('damaged-bundle: weights.safetensors').waitFor();
    await page.getByRole('button', { name: /damaged-bundle/ }).click();
    expect(await page.getByRole('button', { name: 'Activate', exact: true }).count()).toBe(0);
    await page.close();
  });

  it('is walked through by keyboard', async () => {
    const { page } = await open_models();
    await page.getByRole('navigation', { name: 'Models and their versions' }).getByRole('button').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page
      .getByRole('heading', { name: /Chest radiographs/ })
      .first()
      .waitFor();
    await page.getByRole('tab', { name: 'Card' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('lesions_per_picture').waitFor();
    await page.close();
  });

  it('has words where there is no model, and a way on where the program fails', async () => {
    const empty = await open_models('studies=0');
    await empty.page.getByRole('heading', { name: 'No model is installed' }).waitFor();
    await empty.page.close();
    const failing = await open_models('fail=models:worker_died');
    await failing.page.getByRole('main').getByRole('button', { name: 'Try again' }).waitFor();
    await failing.page.close();
  });

  it.each(['dark', 'light'])('has no serious barrier in the %s theme and fits into 1366 x 768', async (theme) => {
    const { page, errors } = await open_models(`theme=${theme}`);
    await page.getByRole('button', { name: 'Verify all' }).click();
    for (const tab of ['Card', 'Figures', 'Operating points', 'Data licence', 'Versions']) {
      await page.getByRole('tab', { name: tab }).click();
      expect([tab, await barriers(page)]).toEqual([tab, []]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
    }
    await page.getByRole('button', { name: 'Retire: 0.1.0' }).click();
    expect(await barriers(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
