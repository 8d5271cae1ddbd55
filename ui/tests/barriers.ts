/** What axe finds serious or worse on the page as it stands. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export type Barrier = { rule: string; places: string[] };

export async function barriers(page: Page): Promise<Barrier[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as { axe: typeof axe };
    const found = await run.run(document, { resultTypes: ['violations'] });
    return found.violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => ({ rule: one.id, places: one.nodes.slice(0, 4).map((node) => node.target.join(' ')) }));
  });
}

/** How many pixels the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
