import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';
import { drag, greys, ink, open_study, settled, text_of, tile } from './picture';

const near = (value: number | undefined, wanted: number, off = 3): void => {
  expect(Math.abs((value ?? Number.NaN) - wanted), `${value} instead of ${wanted}`).toBeLessThanOrEqual(off);
};

with_chromium('the viewer', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('scrolls sixty slices by keys and wheel, and shows each at once when it is there', async () => {
    const { page, errors } = await open_study(stage, 8);
    expect((await tile(page)).slice).toBe('1');
    for (let step = 0; step < 59; step += 1) await page.keyboard.press('ArrowDown');
    await settled(page);
    expect((await tile(page)).slice).toBe('60');
    await page.keyboard.press('ArrowDown');
    expect((await tile(page)).slice).toBe('60');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowDown');
    await settled(page);
    expect((await tile(page)).slice).toBe('11');
    await page.locator('[data-tile="0"]').hover();
    await page.mouse.wheel(0, 100);
    await settled(page);
    expect((await tile(page)).slice).toBe('12');
    expect((await tile(page)).sop.endsWith('.1.12')).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('measures a known length in millimetres, keeps it, and takes it back', async () => {
    const { page } = await open_study(stage, 8);
    const saved = (): Promise<
      { kind: string; measured: { value: number; unit: string }[]; points: [number, number][] }[]
    > =>
      page.evaluate(() =>
        [
          ...(
            globalThis as unknown as { fake_world: { annotations: Map<string, never[]> } }
          ).fake_world.annotations.values(),
        ].flat(),
      );
    await page.keyboard.press('d');
    // 256 pixels of 0.9 mm fill the height of the tile.
    const height = await page.locator('[data-tile="0"]').evaluate((element) => element.clientHeight);
    await drag(page, [300, 200], [400, 200]);
    await expect.poll(async () => (await saved()).length).toBe(1);
    const [line] = await saved();
    near(line?.measured[0]?.value, (100 / height) * 256 * 0.9, 0.01);
    expect(line?.measured[0]?.unit).toBe('mm');
    // Pixel centres are whole numbers: the corner of the image lies half a pixel before the first.
    const left = await page
      .locator('[data-tile="0"]')
      .evaluate((element) => (element.clientWidth - element.clientHeight) / 2);
    near(line?.points[0]?.[0], ((300 - left) / height) * 256 - 0.5, 0.02);
    near(line?.points[0]?.[1], (200 / height) * 256 - 0.5, 0.02);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await saved()).length).toBe(0);
    await page.keyboard.press('Control+y');
    await expect.poll(async () => (await saved()).length).toBe(1);
    expect((await saved())[0]?.points).toEqual(line?.points);
    await page.close();
  });

  it('measures an angle and an ellipse, writes a text, and deletes what is selected', async () => {
    const { page } = await open_study(stage, 8);
    const saved = (): Promise<
      { kind: string; text: string | null; points: unknown[]; measured: { name: string; value: number }[] }[]
    > =>
      page.evaluate(() =>
        [
          ...(
            globalThis as unknown as { fake_world: { annotations: Map<string, never[]> } }
          ).fake_world.annotations.values(),
        ].flat(),
      );
    await page.keyboard.press('a');
    await drag(page, [300, 200], [400, 200]);
    const box = await page.locator('[data-tile="0"]').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 300, { steps: 3 });
    await page.mouse.click((box?.x ?? 0) + 400, (box?.y ?? 0) + 300);
    await expect.poll(async () => (await saved()).map((one) => one.kind)).toEqual(['angle']);
    near((await saved())[0]?.measured[0]?.value, 90, 1.5);
    await page.locator('[data-tile="0"] svg').getByText('°').first().waitFor();
    await expect.poll(async () => page.getByRole('button', { name: 'Undo' }).isEnabled()).toBe(true);
    // One leg of another, given up, or left with the study: it is gone, and the next tool draws.
    for (const key of ['Delete', 'Backspace']) {
      await page.keyboard.press('a');
      await drag(page, [200, 300], [260, 300]);
      await page.mouse.move((box?.x ?? 0) + 260, (box?.y ?? 0) + 360, { steps: 3 });
      await page.keyboard.press(key);
    }
    await page.getByRole('heading', { name: 'Worklist' }).waitFor();
    await page.keyboard.press('Control+2');
    await page.locator('[data-tile="0"] svg').getByText('°').first().waitFor();
    expect((await saved()).length).toBe(1);
    await page.keyboard.press('e');
    await drag(page, [420, 400], [460, 430]);
    await expect.poll(async () => (await saved()).length).toBe(2);
    expect((await saved())[1]?.measured.map((value) => value.name)).toEqual(['area', 'mean', 'sd', 'min', 'max']);
    await page.keyboard.press('b');
    await page.mouse.click((box?.x ?? 0) + 200, (box?.y ?? 0) + 500);
    await page.getByLabel('Text', { exact: true }).fill('compare <b>in</b> May');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await saved())[2]?.text).toBe('compare <b>in</b> May');
    expect(await page.locator('[data-tile="0"] svg b').count()).toBe(0);
    await page.keyboard.press('d');
    await drag(page, [250, 560], [330, 560]);
    await expect.poll(async () => (await saved()).length).toBe(4);
    await page.keyboard.press('Delete');
    await expect.poll(async () => (await saved()).map((one) => one.kind)).toEqual(['angle', 'ellipse', 'text']);
    await page.close();
  });

  it('points with an arrow, keeps it with its words, and undoes it', async () => {
    const { page } = await open_study(stage, 8);
    const saved = (): Promise<{ kind: string; text: string | null; points: number[][] }[]> =>
      page.evaluate(() =>
        [
          ...(
            globalThis as unknown as { fake_world: { annotations: Map<string, never[]> } }
          ).fake_world.annotations.values(),
        ].flat(),
      );
    await page.keyboard.press('Shift+b');
    await drag(page, [300, 200], [400, 260]);
    // While its words are asked for it is not stored; without any it was never there.
    await page.getByLabel('Text', { exact: true }).waitFor();
    await page.waitForTimeout(500);
    expect(await saved()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(500);
    expect(await saved()).toEqual([]);
    expect(await page.locator('[data-tile="0"] svg line').count()).toBe(0);
    await drag(page, [300, 200], [400, 260]);
    await page.getByLabel('Text', { exact: true }).fill('here <i>it</i> is');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await saved()).map((one) => [one.kind, one.text]))
      .toEqual([['arrow', 'here <i>it</i> is']]);
    expect((await saved())[0]?.points.length).toBe(2);
    expect(await page.locator('[data-tile="0"] svg line').count()).toBeGreaterThan(0);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await saved()).length).toBe(0);
    await page.keyboard.press('Control+y');
    await expect.poll(async () => (await saved()).map((one) => one.text)).toEqual(['here <i>it</i> is']);
    await page.close();
  });

  it('breaks off a drawing with Escape and stores nothing of it', async () => {
    const { page } = await open_study(stage, 8);
    await page.keyboard.press('a');
    await drag(page, [300, 200], [400, 200]);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(500);
    const count = await page.evaluate(
      () =>
        [
          ...(
            globalThis as unknown as { fake_world: { annotations: Map<string, unknown[]> } }
          ).fake_world.annotations.values(),
        ].flat().length,
    );
    expect(count).toBe(0);
    expect(await page.locator('[data-tile="0"] svg line').count()).toBe(0);
    await page.close();
  });

  it('shows a stored annotation again when the study is opened again', async () => {
    const { page } = await open_study(stage, 8);
    await page.keyboard.press('d');
    await drag(page, [300, 200], [420, 260]);
    await page.locator('[data-tile="0"] svg line').first().waitFor();
    const before = await page.locator('[data-tile="0"] svg line').first().getAttribute('x1');
    await page.keyboard.press('Backspace');
    await page.getByRole('heading', { name: 'Worklist' }).waitFor();
    await page.keyboard.press('Control+2');
    await page.locator('[data-tile="0"] svg line').first().waitFor();
    near(Number(await page.locator('[data-tile="0"] svg line').first().getAttribute('x1')), Number(before), 0.01);
    await page.close();
  });

  it('widens the window to the right and brightens it upward, undone in one step', async () => {
    const { page } = await open_study(stage, 8);
    const window_of = async (): Promise<number[]> =>
      ((await text_of(page, '[data-window]')).replaceAll(',', '').match(/-?[\d.]+/g) ?? []).map(Number);
    const [center = 0, width = 0] = await window_of();
    await drag(page, [400, 300], [460, 260]);
    const [brighter = 0, wider = 0] = await window_of();
    expect(wider).toBeGreaterThan(width);
    expect(brighter).toBeLessThan(center);
    await page.keyboard.press('Control+z');
    await settled(page);
    expect(await window_of()).toEqual([center, width]);
    await page.close();
  });

  it('zooms about the pointer, pans, turns and comes back with one key', async () => {
    const { page } = await open_study(stage, 8);
    const canvas = '[data-tile="0"] .cornerstone-canvas';
    const whole = await ink(page, canvas);
    await drag(page, [400, 340], [400, 300], 'right');
    const zoomed = await ink(page, canvas);
    expect((zoomed?.bottom ?? 0) - (zoomed?.top ?? 0)).toBeGreaterThan((whole?.bottom ?? 0) - (whole?.top ?? 0));
    await page.keyboard.press('r');
    await settled(page);
    expect(await ink(page, canvas)).toEqual(whole);
    await page.locator('[data-tile="0"]').hover();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await settled(page);
    expect((await tile(page)).slice).toBe('1');
    expect((await ink(page, canvas))?.top).toBeLessThan(whole?.top ?? 0);
    await page.keyboard.press('r');
    await settled(page);
    await drag(page, [400, 300], [450, 330], 'middle');
    const moved = await ink(page, canvas);
    near(moved?.left, (whole?.left ?? 0) + 50, 1);
    near(moved?.top, (whole?.top ?? 0) + 30, 1);
    await page.keyboard.press('r');
    await page.keyboard.press('Alt+r');
    await settled(page);
    expect(await page.locator('[data-tile="0"] .at-top').textContent()).toBe('R');
    await page.close();
  });

  it('opens the menu of a picture with the right button, unless it was a drag', async () => {
    const { page } = await open_study(stage, 8);
    await drag(page, [400, 340], [400, 300], 'right');
    expect(await page.getByRole('menu').count()).toBe(0);
    await page.locator('[data-tile="0"]').click({ button: 'right', position: { x: 300, y: 300 } });
    await page.getByRole('menuitem', { name: /Invert/ }).click();
    expect(await page.getByRole('button', { name: 'Invert' }).getAttribute('aria-pressed')).toBe('true');
    await page.close();
  });

  it('shows two series beside each other and scrolls them together when they are linked', async () => {
    const { page } = await open_study(stage, 8);
    await page.getByRole('button', { name: 'Layout' }).click();
    await page.getByRole('menuitem', { name: /1 × 2/ }).click();
    await page.locator('[data-tile="1"][data-sop]').waitFor();
    expect((await tile(page, 1)).sop).not.toBe((await tile(page, 0)).sop);
    await page.getByRole('button', { name: 'Link scrolling' }).click();
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowDown');
    await settled(page);
    expect([(await tile(page, 0)).slice, (await tile(page, 1)).slice]).toEqual(['6', '6']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await settled(page);
    expect([(await tile(page, 0)).slice, (await tile(page, 1)).slice]).toEqual(['5', '5']);
    await page.locator('[data-tile="1"]').dblclick({ position: { x: 100, y: 200 } });
    await page.locator('[data-tile="0"]').waitFor({ state: 'detached' });
    await page.close();
  });

  it('displays every odd picture', async () => {
    const { page, errors } = await open_study(stage, 0, 'odd');
    const show = async (name: string): Promise<void> => {
      await page.locator('.series .open', { has: page.locator('.name', { hasText: new RegExp(`^${name}$`) }) }).click();
      await page.waitForFunction(
        (wanted) => document.querySelector('.series.shown .name')?.textContent === wanted,
        name,
      );
      await settled(page);
    };
    const middle = [[0.5, 0.5]] as const;

    await show('one pixel');
    near((await greys(page, middle))[0], 191);

    await show('one column');
    const column = await ink(page, '[data-tile="0"] .cornerstone-canvas');
    expect((column?.right ?? 0) - (column?.left ?? 0)).toBeGreaterThanOrEqual(1);
    expect((column?.bottom ?? 0) - (column?.top ?? 0)).toBeGreaterThan(600);

    await show('one row');
    const row = await ink(page, '[data-tile="0"] .cornerstone-canvas');
    expect((row?.right ?? 0) - (row?.left ?? 0)).toBeGreaterThan(800);

    // A ramp from left to right over the square in the middle of the tile.
    const { width, height } = await page
      .locator('[data-tile="0"]')
      .evaluate((element) => ({ width: element.clientWidth, height: element.clientHeight }));
    const across = (share: number): readonly [number, number] => [0.5 + ((share - 0.5) * height) / width, 0.5];
    const quarters = [across(0.25), across(0.5), across(0.75)];
    for (const name of ['signed', 'signed bytes']) {
      await show(name);
      const [low, half, high] = await greys(page, quarters);
      near(low, 64);
      near(half, 128);
      near(high, 191);
    }
    await show('inverted');
    const turned = await greys(page, quarters);
    near(turned[0], 191);
    near(turned[2], 64);

    await show('fractions');
    const fractions = await greys(page, [...quarters, [across(0.05)[0], 0.05]]);
    // The modality's scale halves them: 0.25 of the window at the middle.
    near(fractions[1], 64);
    expect(fractions[3]).toBe(0);

    await show('many frames');
    near((await greys(page, middle))[0], 20);
    await page.locator('[data-tile="0"]').focus();
    await page.keyboard.press('End');
    await settled(page);
    expect((await tile(page)).frame).toBe('7');
    near((await greys(page, middle))[0], 160);

    await show('tall pixels');
    const tall = await ink(page, '[data-tile="0"] .cornerstone-canvas');
    near(((tall?.right ?? 0) - (tall?.left ?? 0)) / ((tall?.bottom ?? 1) - (tall?.top ?? 0)), 1, 0.08);

    await show('edge');
    const edges = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-tile="0"] .cornerstone-canvas');
      const brush = canvas?.getContext('2d');
      if (canvas === null || brush == null) return null;
      const half_way = (values: number[], level: number): number => values.findIndex((value) => value >= level);
      const across = brush
        .getImageData(0, Math.floor(canvas.height * 0.7), canvas.width, 1)
        .data.filter((_, at) => at % 4 === 0);
      const down = brush
        .getImageData(Math.floor(canvas.width * 0.6), 0, 1, canvas.height)
        .data.filter((_, at) => at % 4 === 0);
      return { x: half_way([...across], 128), y: half_way([...down], 178), width: canvas.width, height: canvas.height };
    });
    // The border between two pixels is drawn exactly where it lies: eleven screen pixels show one of the image.
    near(edges?.x, (edges?.width ?? 0) / 2, 1);
    near(edges?.y, (edges?.height ?? 0) / 4, 1);

    await show('huge');
    expect(
      new Set(
        (
          await greys(page, [
            [0.3, 0.3],
            [0.31, 0.34],
            [0.36, 0.36],
            [0.5, 0.5],
          ])
        ).map((grey) => (grey > 128 ? 'light' : 'dark')),
      ).size,
    ).toBe(2);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says why a frame could not be read', async () => {
    const opened = await stage.open('open&fail=frame:corrupt');
    const { page } = opened;
    await page.waitForFunction(() => 'fake_world' in globalThis);
    await page.evaluate(() => {
      const world = (
        globalThis as unknown as { fake_world: { rows(): { study_instance_uid: string }[]; tell(event: object): void } }
      ).fake_world;
      world.tell({ kind: 'show_study', study_instance_uid: world.rows()[8]?.study_instance_uid });
    });
    await page.locator('[data-tile="0"]').getByRole('alert').waitFor();
    await page.close();
  });
});
