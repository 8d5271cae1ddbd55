import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

const src = join(import.meta.dirname, '..');

function components(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? components(path) : name.endsWith('.svelte') ? [path] : [];
  });
}

const spoken = new Set([
  'title',
  'alt',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'label',
  'words',
  'hint',
]);

/** Texts of a component's markup that a person would read or hear and that do not come from the catalogue. */
function literals(code: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, in_attribute: string | null): void => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, in_attribute));
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data } = node as { type?: string; name?: string; data?: string };
    if (type === 'Text' && /\p{L}{2,}/u.test(data ?? '') && (in_attribute === null || spoken.has(in_attribute)))
      found.push((data ?? '').trim());
    const here = type === 'Attribute' ? (name ?? '') : in_attribute;
    for (const [key, child] of Object.entries(node))
      if (key !== 'expression') visit(child, type === 'ExpressionTag' ? 'code' : here);
  };
  const tree = parse(code, { modern: true });
  visit(tree.fragment, null);
  return found;
}

it('sees a literal text and a literal label', () => {
  expect(literals('<p>Hello {name}</p><b aria-label="Close it">×</b><i class="small" title={t("x.y")}></i>')).toEqual([
    'Hello',
    'Close it',
  ]);
});

it('no component holds words of its own', () => {
  const all = components(src);
  expect(all.length).toBeGreaterThan(40);
  const wrong = all.flatMap((path) =>
    literals(readFileSync(path, 'utf8')).map((text) => `${relative(src, path)}: ${text}`),
  );
  expect(wrong).toEqual([]);
});
