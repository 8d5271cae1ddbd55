import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { detail_of } from '../src/ipc/fake/detail';
import { row, uid_of } from '../src/ipc/fake/studies';
import { pause_ms } from '../src/screens/report/autosave';
import { barriers, sideways } from './barriers';
import { with_chromium, Stage, type Opened } from './chromium';

type Text = { findings: string; conclusion: string; recommendation: string; technique: string; key_images: object[] };
type Form = { text: Text };
type World = {
  options: { fail: Map<string, string>; slow: number };
  forms: Map<string, Form>;
  reviews: Map<string, object>;
  change(study: string, part: object): void;
  tell(event: object): void;
};

/** The first flagged study of three photographs, one series and no spacing. */
const photographs =
  Array.from({ length: 60 }, (_, at) => at).find((at) => row(at).state === 'flagged' && row(at).modality === 'XC') ??
  -1;
const study = uid_of(photographs);
const finding_ids = (): string[] =>
  detail_of(row(photographs), [], false).analyses.flatMap((one) => one.findings.map((finding) => finding.id));

const at_world = <T>(page: Page, deed: (world: World, given: T) => void, given: T): Promise<void> =>
  page.evaluate(
    ([code, value]) => {
      const world = (globalThis as unknown as { fake_world: World }).fake_world;
      (
        new Function('world', 'given', `return (${String(code)})(world, given)`) as (
          world: World,
          given: unknown,
        ) => void
      )(world, value);
    },
    [deed.toString(), given] as const,
  );

const stored = (page: Page): Promise<Text | undefined> =>
  page.evaluate((uid) => (globalThis as unknown as { fake_world: World }).fake_world.forms.get(uid)?.text, study);

const decide = (page: Page): Promise<void> =>
  at_world(
    page,
    (world, ids) => {
      for (const id of ids)
        world.reviews.set(id, {
          finding_id: id,
          decision: 'accepted',
          note: null,
          reader: 'admin',
          decided_at: Date.UTC(2026, 10, 24, 10),
        });
    },
    finding_ids(),
  );

with_chromium('the report', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  async function open_report(query = '', decided = false, on = stage): Promise<Opened> {
    const opened = await on.open(`open&${query}`);
    const { page } = opened;
    await page.waitForFunction(() => 'fake_world' in globalThis);
    if (decided) await decide(page);
    await at_world(page, (world, uid) => world.tell({ kind: 'show_study', study_instance_uid: uid }), study);
    await page.getByRole('main', { name: 'Reading' }).waitFor();
    await page.keyboard.press('Control+3');
    await page.getByLabel('Conclusion').waitFor();
    return opened;
  }

  it('fills an empty form from the series and the decided findings, and stores that', async () => {
    const { page, errors } = await open_report('', true);
    expect(await page.getByLabel('Findings', { exact: true }).inputValue()).toMatch(
      /slices? \d.*score 0\.\d\d.*accepted\./s,
    );
    expect(await page.getByLabel('Technique').inputValue()).toContain('3 images');
    await page.getByText(/^Saved at/).waitFor();
    await expect.poll(async () => (await stored(page))?.findings).toContain('accepted.');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('adds findings to what somebody wrote, once, and takes them back with undo', async () => {
    const { page } = await open_report();
    const findings = page.getByLabel('Findings', { exact: true });
    await findings.fill('My own words.');
    await page.getByRole('button', { name: 'Insert findings' }).click();
    await page.getByText('No finding has been accepted').waitFor();
    await decide(page);
    await at_world(page, (world, uid) => world.change(uid, {}), study);
    await page.getByText(/have your decision|has your decision/).waitFor();
    await page.getByRole('button', { name: 'Insert findings' }).click();
    await page.getByText(/line.* added/).waitFor();
    const after = await findings.inputValue();
    expect(after.startsWith('My own words.\n')).toBe(true);
    await page.getByRole('button', { name: 'Insert findings' }).click();
    await page.getByText('Every decided finding is already in the text.').waitFor();
    expect(await findings.inputValue()).toBe(after);
    await findings.focus();
    await page.keyboard.press('Control+z');
    expect(await findings.inputValue()).toBe('My own words.');
    await page.close();
  });

  it('stores at a pause, and without a pause before two seconds are over', async () => {
    // The page's own clock, moved by hand: what is promised holds in its time, however busy the machine is. It is the
    // clock of every page beside it too, hence a stage of its own.
    const own = await Stage.raise();
    const { page } = await open_report('', false, own);
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    const length = async (): Promise<number> => (await stored(page))?.conclusion.length ?? 0;
    await page.getByLabel('Conclusion').pressSequentially('short');
    await page.clock.runFor(pause_ms - 1);
    expect(await length()).toBe(0);
    await page.clock.runFor(101);
    expect((await stored(page))?.conclusion).toBe('short');
    let oldest = 0;
    const typed_at: number[] = [];
    for (let now = 0; now < 4_500; now += 60) {
      await page.keyboard.press('x');
      typed_at.push(now);
      await page.clock.runFor(60);
      const unsaved = typed_at[(await length()) - 'short'.length];
      if (unsaved !== undefined) oldest = Math.max(oldest, now + 60 - unsaved);
    }
    expect(oldest).toBeGreaterThan(pause_ms);
    expect(oldest).toBeLessThan(2_000);
    await own.lower();
  });

  it('leaves caret and newer letters alone when an answer comes late', async () => {
    const { page } = await open_report();
    const conclusion = page.getByLabel('Conclusion');
    await conclusion.fill('one three');
    await page.getByText(/^Saved at/).waitFor();
    await at_world(page, (world, slow) => void (world.options.slow = slow), 900);
    await conclusion.press('End');
    await conclusion.pressSequentially('.');
    await page.waitForTimeout(750);
    await conclusion.evaluate((area) => area instanceof HTMLTextAreaElement && area.setSelectionRange(4, 4));
    await page.keyboard.type('two ');
    await page.waitForTimeout(1_200);
    expect(await conclusion.inputValue()).toBe('one two three.');
    expect(await conclusion.evaluate((area) => (area instanceof HTMLTextAreaElement ? area.selectionStart : -1))).toBe(
      8,
    );
    await page.waitForFunction(
      (uid) =>
        (globalThis as unknown as { fake_world: World }).fake_world.forms.get(uid)?.text.conclusion ===
        'one two three.',
      study,
    );
    await page.close();
  });

  it('says loudly that saving failed, keeps the text over leaving the screen, and stores it when it can', async () => {
    const { page } = await open_report();
    await at_world(page, (world) => void world.options.fail.set('save_form', 'disk_full'), null);
    await page.getByLabel('Conclusion').fill('not lost');
    const alarm = page.locator('.form').getByRole('alert');
    await alarm.getByText('Your text could not be stored.').waitFor();
    expect(await alarm.textContent()).toContain('disk is full');
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Control+1');
    await page.getByRole('main', { name: 'Worklist' }).waitFor();
    await page.keyboard.press('Control+3');
    await page.getByLabel('Conclusion').waitFor();
    expect(await page.getByLabel('Conclusion').inputValue()).toBe('not lost');
    await at_world(page, (world) => void world.options.fail.delete('save_form'), null);
    await page.getByRole('button', { name: 'Store now' }).click();
    await page.getByText(/^Saved at/).waitFor();
    expect((await stored(page))?.conclusion).toBe('not lost');
    await page.close();
  });

  it('stores the last letters when the screen is left at once', async () => {
    // The clock goes on for less than the pause after which text is stored: only leaving can store.
    const own = await Stage.raise();
    const { page } = await open_report('', false, own);
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByLabel('Recommendation').pressSequentially('control in six months');
    await page.keyboard.press('Control+1');
    await page.clock.runFor(pause_ms / 4);
    await expect.poll(async () => (await stored(page))?.recommendation).toBe('control in six months');
    await own.lower();
  });

  it('draws the PDF, says when it is older than the text, and offers to try again when there is none', async () => {
    const { page, errors } = await open_report();
    const ink = (): Promise<number> =>
      page
        .locator('.page canvas')
        .first()
        .evaluate((canvas) => {
          if (!(canvas instanceof HTMLCanvasElement) || canvas.width < 10) return 0;
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
          let dark = 0;
          for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 255) < 100) dark += 1;
          return dark;
        });
    await expect.poll(ink).toBeGreaterThan(50);
    await page.locator('.page').first().getByText('Report of study').waitFor({ state: 'attached' });
    await page.getByLabel('Conclusion').fill('newer');
    await page.getByText('The report has changed since then.').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('The report has changed since then.').waitFor({ state: 'hidden' });
    expect(errors).toEqual([]);
    await at_world(page, (world) => void world.options.fail.set('report_preview', 'report_failed'), null);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.locator('.preview').getByRole('alert').waitFor();
    await at_world(page, (world) => void world.options.fail.delete('report_preview'), null);
    await page.locator('.preview').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.preview').getByRole('alert').waitFor({ state: 'detached' });
    await page.close();
  });

  it('says what hinders a signature; signs; and is read-only from then on', async () => {
    const { page } = await open_report();
    await page.getByRole('button', { name: 'Sign…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign the report' });
    await dialog.getByText(/wait.* for your decision/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Sign', exact: true }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await decide(page);
    await at_world(page, (world, uid) => world.change(uid, { state: 'reviewed' }), study);
    await page
      .getByText(/your decision\.$/)
      .first()
      .waitFor();
    await page.getByLabel('Conclusion').fill('Signed words.');
    await page.getByRole('button', { name: 'Sign…' }).click();
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('Signed by admin').waitFor();
    expect(await page.getByRole('region', { name: 'Signature' }).locator('code').textContent()).toMatch(
      /^[0-9a-f]{64}$/,
    );
    expect(await page.getByLabel('Conclusion').getAttribute('readonly')).not.toBeNull();
    expect(await page.getByRole('button', { name: 'Insert findings' }).count()).toBe(0);
    expect((await stored(page))?.conclusion).toBe('Signed words.');
    await page.close();
  });

  it('offers the formats of the program and says where the file is', async () => {
    const { page } = await open_report();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['PDF/A (.pdf)', 'CSV (.csv)', 'PNG (.png)']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.form').getByText('/data/reports/report.csv').waitFor();
    await page.close();
  });

  it('takes key images from findings and puts them in order by keyboard', async () => {
    const { page } = await open_report('', true);
    await page.getByRole('button', { name: 'Add from findings' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Add / }).first().click();
    await page.getByRole('dialog').getByText('In the report').first().waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await stored(page))?.key_images?.length).toBe(1);
    const [first] = (await stored(page))?.key_images ?? [];
    const { series } = detail_of(row(photographs), [], false);
    const other = { sop_instance_uid: series[0]?.instances.at(-1)?.sop_instance_uid ?? '', frame: 0 };
    await page.keyboard.press('Control+1');
    await page.getByRole('main', { name: 'Worklist' }).waitFor();
    await at_world(
      page,
      (world, [uid, image]) => {
        const form = world.forms.get(uid as string);
        if (form !== undefined)
          world.forms.set(uid as string, {
            ...form,
            text: { ...form.text, key_images: [...form.text.key_images, image as object] },
          });
      },
      [study, other] as [string, object],
    );
    await page.keyboard.press('Control+3');
    await page.getByRole('button', { name: /later/ }).first().focus();
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByText(/is now at place 2 of 2/).waitFor({ state: 'attached' });
    await expect.poll(async () => (await stored(page))?.key_images).toEqual([other, first]);
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.textContent?.trim().startsWith('2.'))).toBe(
      true,
    );
    await page
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click();
    await expect.poll(async () => (await stored(page))?.key_images).toEqual([first]);
    await page.close();
  });

  it('tells an error of opening with a way to try again', async () => {
    const { page } = await stage.open('open');
    await page.waitForFunction(() => 'fake_world' in globalThis);
    await at_world(page, (world, uid) => world.tell({ kind: 'show_study', study_instance_uid: uid }), study);
    await page.getByRole('main', { name: 'Reading' }).waitFor();
    await at_world(page, (world) => void world.options.fail.set('open_study', 'database'), null);
    await page.keyboard.press('Control+3');
    await page.getByRole('main', { name: 'Report' }).getByRole('alert').waitFor();
    await at_world(page, (world) => void world.options.fail.delete('open_study'), null);
    await page.getByRole('main', { name: 'Report' }).getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Conclusion').waitFor();
    await page.close();
  });

  it.each(['dark', 'light'])('has no serious barrier in the %s theme and fits into 1366 x 768', async (theme) => {
    const { page, errors } = await open_report(`theme=${theme}`, true);
    await page.locator('.page canvas').first().waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Add from findings' }).click();
    expect(await barriers(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
