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

/** Words, and buttons, that do not fit into their place; what is cut may be so where its title says all of it. */
export const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.body.querySelectorAll('*')].flatMap((element) => {
      if (!(element instanceof HTMLElement) || element.closest('[class~="only-heard"]') !== null) return [];
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '');
      const { overflowX, whiteSpace } = getComputedStyle(element);
      const words = (element.textContent ?? '').trim();
      const titled = element.matches('.theirs, .small') && element.title.includes(words);
      const place = element.parentElement?.getBoundingClientRect();
      const spills =
        element.matches('.button, .badge') && element.getBoundingClientRect().right > (place?.right ?? 0) + 1;
      if (spills) return [`${element.className} spills: ${words}`];
      if (!own || titled || element.clientWidth === 0) return [];
      const wide = element.scrollWidth > element.clientWidth;
      return wide && (overflowX !== 'visible' || whiteSpace === 'nowrap') && element.tagName !== 'SELECT'
        ? [`${element.className}: ${words.slice(0, 60)}`]
        : [];
    }),
  );
