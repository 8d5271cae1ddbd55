import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';
import { ink, open_study, settled, tile } from './picture';

/** Of the made-up studies: flagged photograph (1), flagged or refused others are found by their state. */
async function index_of_state(stage: Stage, state: string, modality: string | null = null): Promise<number> {
  const { page } = await stage.open('open');
  await page.waitForFunction(() => 'fake_world' in globalThis);
  const index = await page.evaluate(
    ({ wanted, kind }) => {
      const world = (globalThis as unknown as { fake_world: { rows(): { state: string; modality: string }[] } })
        .fake_world;
      return world.rows().findIndex((row) => row.state === wanted && (kind === null || row.modality === kind));
    },
    { wanted: state, kind: modality },
  );
  await page.close();
  return index;
}

with_chromium('reading a study', () => {
  let stage: Stage;
  let flagged = -1;
  beforeAll(async () => {
    stage = await Stage.raise();
    flagged = await index_of_state(stage, 'flagged', 'MR');
  });
  afterAll(() => stage.lower());

  it('opens at the first finding and lays the map on it, turned and zoomed too', async () => {
    const { page, errors } = await open_study(stage, flagged);
    await page.locator('[data-map="shown"]').waitFor();
    await settled(page);
    for (const keys of [[], ['Alt+r'], ['Alt+h', '+', '+']]) {
      for (const key of keys) await page.keyboard.press(key);
      await settled(page);
      const map = await ink(page, '[data-tile="0"] .map');
      const outline = await page
        .locator('[data-tile="0"] path.line')
        .first()
        .evaluate((path) => {
          const line = path.getBoundingClientRect();
          const box = path.closest('[data-tile]')?.getBoundingClientRect() ?? line;
          return {
            left: line.left - box.left,
            right: line.right - box.left,
            top: line.top - box.top,
            bottom: line.bottom - box.top,
          };
        });
      if (map === null) throw new Error('the map is not painted');
      // The made-up map falls off evenly about the middle of the outline.
      expect(Math.abs((map.left + map.right - outline.left - outline.right) / 2)).toBeLessThan(3);
      expect(Math.abs((map.top + map.bottom - outline.top - outline.bottom) / 2)).toBeLessThan(3);
      expect(map.right - map.left).toBeGreaterThan(outline.right - outline.left - 4);
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it('hides and shows what the model drew with one key', async () => {
    const { page } = await open_study(stage, flagged);
    await page.locator('path.line').first().waitFor();
    await page.keyboard.press('g');
    await page.locator('path.line').first().waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.locator('path.line').first().waitFor();
    await page.close();
  });

  it('keeps a note before there is a decision, and the decision takes it along', async () => {
    const { page } = await open_study(stage, flagged);
    const world = (): Promise<{ drafts: string[]; notes: (string | null)[] }> =>
      page.evaluate(() => {
        const { drafts, reviews } = (
          globalThis as unknown as {
            fake_world: { drafts: Map<string, string>; reviews: Map<string, { note: string | null }> };
          }
        ).fake_world;
        return { drafts: [...drafts.values()], notes: [...reviews.values()].map((one) => one.note) };
      });
    await page.getByLabel('Note').fill('see the prior');
    await expect.poll(world).toEqual({ drafts: ['see the prior'], notes: [] });
    await page.getByText('Kept until you decide').first().waitFor();
    // Typed on, and decided by key before the pause that stores: nothing of it is lost.
    await page.getByLabel('Note').fill('see the prior of May');
    await page.locator('[data-tile="0"]').focus();
    await page.keyboard.press('x');
    await expect.poll(async () => (await world()).notes).toEqual(['see the prior of May']);
    await expect.poll(async () => page.getByLabel('Note').inputValue()).toBe('see the prior of May');
    await page.close();
  });

  it('opens the card of the very version that looked at the picture', async () => {
    const { page } = await open_study(stage, flagged);
    const card = (version: string) =>
      page.getByRole('tabpanel', { name: 'Card' }).getByRole('heading', { name: `brain-mri-flair ${version}` });
    // A newer version is there by now, and is the one that Models shows by itself.
    await page.keyboard.press('Control+4');
    await card('0.1.0').waitFor();
    await page.getByRole('button', { name: 'Install from a folder…' }).click();
    await page.getByText('0.2.0').first().waitFor();
    await page.keyboard.press('Control+1');
    await page.keyboard.press('Control+4');
    await card('0.2.0').waitFor();
    await page.keyboard.press('Control+2');
    await page.locator('button.card', { hasText: 'brain-mri-flair 0.1.0' }).click();
    await card('0.1.0').waitFor();
    await page.close();
  });

  it('decides by key, goes on to the next finding and keeps a note', async () => {
    const { page } = await open_study(stage, flagged);
    const decided = (): Promise<{ decision: string; note: string | null }[]> =>
      page.evaluate(() => [
        ...(globalThis as unknown as { fake_world: { reviews: Map<string, never> } }).fake_world.reviews.values(),
      ]);
    const first = await tile(page);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await decided())[0]?.decision).toBe('accepted');
    await page.getByLabel('Note').fill('seen before');
    await expect.poll(async () => (await decided())[0]?.note).toBe('seen before');
    await page.locator('[data-tile="0"]').focus();
    await page.keyboard.press('n');
    await settled(page);
    expect((await tile(page)).sop).not.toBe(first.sop);
    await page.keyboard.press('x');
    await expect.poll(async () => (await decided()).map((one) => one.decision)).toContain('rejected');
    await page.close();
  });

  it('gives a finding another name', async () => {
    const { page } = await open_study(stage, flagged);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByLabel('What is it instead?').fill('old infarct');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The model said: hyperintense lesion').waitFor();
    await page.close();
  });

  it('shows the refusal in words and no score', async () => {
    const { page } = await open_study(stage, await index_of_state(stage, 'refused'));
    const verdict = page.locator('[data-verdict="refused"]');
    await verdict.waitFor();
    expect(await verdict.textContent()).toContain('this model was made for axial FLAIR MR slices of the head');
    expect(await page.getByText('Highest score').count()).toBe(0);
    await page.close();
  });

  it('says the refusal in the language of the interface', async () => {
    const { page } = await open_study(stage, await index_of_state(stage, 'refused'), 'language=hu');
    const verdict = page.locator('[data-verdict="refused"]');
    await verdict.waitFor();
    expect(await verdict.textContent()).toContain('a kép nem hasonlít azokra, amelyekkel tanították');
    await page.close();
  });

  it('keeps the model silent until the reader has committed an opinion', async () => {
    const { page } = await open_study(stage, flagged, 'read_first');
    expect(await page.locator('path.line').count()).toBe(0);
    expect(await page.getByText('Highest score').count()).toBe(0);
    await page.getByLabel('Suspicious').check();
    await page.getByRole('button', { name: /Commit and show/ }).click();
    await page.locator('[data-verdict="flagged"]').waitFor();
    await page.locator('path.line').first().waitFor();
    await page.close();
  });

  it('calls an image flagged only where the model says whether', async () => {
    const says = 'This model says where, not whether';
    for (const [state, modality, verdict, lead] of [
      ['flagged', 'MR', 'flagged', /^Flagged: \d+ images? of \d+$/],
      ['clear', 'MR', 'clear', 'Not flagged: nothing reaches the threshold'],
      ['outlined', 'CT', 'outlined', /^Outlined: \d+ regions? \(\d+ of \d+ images\)$/],
      ['not_outlined', 'CT', 'not_outlined', 'Nothing outlined: nothing reaches the threshold'],
    ] as const) {
      const { page, errors } = await open_study(stage, await index_of_state(stage, state, modality));
      const box = page.locator(`[data-verdict="${verdict}"]`);
      await box.getByText(lead).waitFor();
      expect(await page.locator('[data-verdict]').count()).toBe(1);
      const words = await page.locator('body').innerText();
      const where = state.endsWith('outlined');
      expect(words.includes(says)).toBe(where);
      if (where) expect(words).not.toMatch(/flagged/i);
      else expect(words).not.toMatch(/outlined/i);
      if (state === 'outlined') {
        // Decided on as any other finding.
        await page.locator('path.line').first().waitFor();
        await page.getByText(/^\d+ outlined$/).waitFor();
        await page.keyboard.press('Enter');
        await page.waitForFunction(
          () =>
            (globalThis as unknown as { fake_world: { reviews: Map<string, unknown> } }).fake_world.reviews.size > 0,
        );
      }
      expect(errors).toEqual([]);
      await page.close();
    }
  });

  it('names a file without a picture and says why', async () => {
    const { page } = await open_study(stage, 2);
    await page.getByText('it contains text, no image').first().waitFor();
    await page.close();
  });

  it('draws nothing in a signed study', async () => {
    const { page } = await open_study(stage, await index_of_state(stage, 'signed'));
    await page.getByText(/Signed by/).waitFor();
    expect(await page.getByRole('button', { name: 'Measure a length' }).isDisabled()).toBe(true);
    await page.close();
  });

  it('marks and unmarks a key image', async () => {
    const { page } = await open_study(stage, flagged);
    const keys = (): Promise<number> =>
      page.evaluate(
        () =>
          [
            ...(
              globalThis as unknown as { fake_world: { forms: Map<string, { text: { key_images: unknown[] } }> } }
            ).fake_world.forms.values(),
          ][0]?.text.key_images.length ?? 0,
      );
    await page.keyboard.press('k');
    await page.locator('[data-tile="0"]').getByText('Key image').waitFor();
    expect(await keys()).toBe(1);
    await page.keyboard.press('k');
    await page.locator('[data-tile="0"]').getByText('Key image').waitFor({ state: 'detached' });
    expect(await keys()).toBe(0);
    await page.close();
  });

  it('goes on to the next study of the list and back', async () => {
    const { page } = await stage.open('open');
    await page.getByRole('heading', { name: 'Worklist' }).waitFor();
    await page.locator('[role="row"][aria-rowindex="2"]').click();
    await page.keyboard.press('Enter');
    await page.locator('[data-tile="0"][data-sop]').waitFor();
    const first = (await tile(page)).sop;
    await page.getByRole('button', { name: 'Next study' }).and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('Control+ArrowRight');
    await page.waitForFunction(
      (before) => (document.querySelector<HTMLElement>('[data-tile="0"]')?.dataset.sop ?? before) !== before,
      first,
    );
    await page.getByRole('button', { name: 'Previous study' }).and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('Control+ArrowLeft');
    await page.waitForFunction(
      (before) => document.querySelector<HTMLElement>('[data-tile="0"]')?.dataset.sop === before,
      first,
    );
    await page.close();
  });

  it('reads the prior beside the current study', async () => {
    const index = await stage.open('open').then(async ({ page }) => {
      await page.waitForFunction(() => 'fake_world' in globalThis);
      const found = await page.evaluate(() => {
        const rows = (
          globalThis as unknown as { fake_world: { rows(): { patient_id: string; state: string }[] } }
        ).fake_world.rows();
        return rows.findIndex((row, at) =>
          rows.some((other, there) => there !== at && other.patient_id === row.patient_id),
        );
      });
      await page.close();
      return found;
    });
    expect(index).toBeGreaterThanOrEqual(0);
    const { page } = await open_study(stage, index);
    await page.getByLabel('Prior').selectOption({ index: 1 });
    await page.locator('[data-tile="1"][data-sop]').waitFor();
    const [now, before] = [await tile(page, 0), await tile(page, 1)];
    expect(before.sop.split('.').slice(0, -2)).not.toEqual(now.sop.split('.').slice(0, -2));
    await page.close();
  });
});
