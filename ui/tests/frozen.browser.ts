import { afterAll, beforeAll, expect, it } from 'vitest';
import { with_chromium, Stage } from './chromium';
import { drag, open_study, text_of, tile } from './picture';

/** As the shell does it (`freezePrototype`): nobody may change what every object inherits. */
const freeze = (): void => void Object.freeze(Object.prototype);

with_chromium('with a frozen Object.prototype', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.raise()));
  afterAll(() => stage.lower());

  it('the viewer loads, draws, scrolls and measures', async () => {
    const { page, errors } = await open_study(stage, 10, '', { width: 1366, height: 768 }, freeze);
    expect(await page.evaluate(() => Object.isFrozen(Object.prototype))).toBe(true);
    const { slice } = await tile(page);
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => Number((await tile(page)).slice)).toBe(Number(slice) + 1);
    await drag(page, [300, 300], [340, 300]);
    expect(await text_of(page, '[data-window]')).not.toContain('W 3,000');
    const kinds = (): Promise<string[]> =>
      page.evaluate(() =>
        [
          ...(
            globalThis as unknown as { fake_world: { annotations: Map<string, { kind: string }[]> } }
          ).fake_world.annotations.values(),
        ]
          .flat()
          .map((one) => one.kind),
      );
    await page.keyboard.press('d');
    await drag(page, [300, 200], [400, 200]);
    await page.keyboard.press('e');
    await drag(page, [300, 400], [360, 440]);
    await expect.poll(kinds).toEqual(['length', 'ellipse']);
    expect(errors).toEqual([]);
    await page.close();
  });
});
