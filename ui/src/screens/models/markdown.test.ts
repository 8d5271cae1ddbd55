import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inline, parse, type Block, type Inline } from './markdown';

const flat = (children: readonly Inline[]): string =>
  children.map((one) => ('text' in one ? one.text : flat(one.children))).join('');
const kinds = (blocks: readonly Block[]): string[] => blocks.map((block) => block.kind);

describe('markdown of a model card', () => {
  it('reads headings, paragraphs over several lines, rules and code', () => {
    const blocks = parse('# A *b*\n\none\ntwo\n\n---\n```\n# not a heading\n\n<b>\n```\nend');
    expect(kinds(blocks)).toEqual(['heading', 'paragraph', 'rule', 'code', 'paragraph']);
    expect(blocks[0]).toEqual({
      kind: 'heading',
      level: 1,
      children: [
        { kind: 'text', text: 'A ' },
        { kind: 'emphasis', children: [{ kind: 'text', text: 'b' }] },
      ],
    });
    expect(blocks[1]).toEqual({ kind: 'paragraph', children: [{ kind: 'text', text: 'one two' }] });
    expect(blocks[3]).toEqual({ kind: 'code', text: '# not a heading\n\n<b>' });
  });

  it('leaves the names of figures alone: an underscore inside a word is no emphasis', () => {
    expect(inline('core.image_auc and false_positives_per_image')).toEqual([
      { kind: 'text', text: 'core.image_auc and false_positives_per_image' },
    ]);
    expect(inline('_so_ it is')).toEqual([
      { kind: 'emphasis', children: [{ kind: 'text', text: 'so' }] },
      { kind: 'text', text: ' it is' },
    ]);
  });

  it('reads strong text, code, links and escapes', () => {
    expect(inline('**a `b*` c** \\*d\\* [e](https://x/y)')).toEqual([
      {
        kind: 'strong',
        children: [
          { kind: 'text', text: 'a ' },
          { kind: 'code', text: 'b*' },
          { kind: 'text', text: ' c' },
        ],
      },
      { kind: 'text', text: ' *d* ' },
      { kind: 'link', children: [{ kind: 'text', text: 'e' }], address: 'https://x/y' },
    ]);
  });

  it('keeps HTML as the text it is', () => {
    const text = '<script>alert(1)</script> <img src=x onerror=alert(1)>';
    expect(parse(text)).toEqual([{ kind: 'paragraph', children: [{ kind: 'text', text }] }]);
  });

  it('reads nested and loose lists', () => {
    const [outer] = parse('- a\n  - a1\n  - a2\n- b\n  still b\n\n- c');
    expect(outer?.kind).toBe('list');
    if (outer?.kind !== 'list') return;
    expect(outer.items).toHaveLength(3);
    expect(kinds(outer.items[0] ?? [])).toEqual(['paragraph', 'list']);
    const [second] = outer.items[1] ?? [];
    expect(second).toEqual({ kind: 'paragraph', children: [{ kind: 'text', text: 'b still b' }] });
    expect(parse('1. one\n2. two')[0]).toMatchObject({ kind: 'list', ordered: true });
  });

  it('reads tables, fills short rows and drops cells that have no column', () => {
    const [block] = parse('| a | b |\n|---|---:|\n| 1 \\| 2 | 3 | 4 |\n| 5 |\n');
    expect(block).toMatchObject({ kind: 'table', align: ['start', 'end'] });
    if (block?.kind !== 'table') return;
    expect(block.rows.map((row) => row.map(flat))).toEqual([
      ['1 | 2', '3'],
      ['5', ''],
    ]);
  });

  it.each([
    '',
    '*',
    '**',
    '`',
    '[',
    '[a](',
    '|\n|-',
    '> '.repeat(400),
    '- '.repeat(400),
    '*'.repeat(5_000),
    '['.repeat(5_000),
    '```\nnever closed',
    '|'.repeat(300) + '\n' + '|-'.repeat(300),
    '\0',
  ])('ends on odd input (%#)', (text) => {
    const began = performance.now();
    parse(text);
    // Only to tell a pattern that backtracks without end.
    expect(performance.now() - began).toBeLessThan(60_000);
  });

  it('reads the card of the bundle that is shipped', () => {
    const card = readFileSync(join(import.meta.dirname, '../../../../models/brain-mri-flair/MODEL_CARD.md'), 'utf8');
    const blocks = parse(card);
    const tables = blocks.filter((block) => block.kind === 'table');
    expect(tables).toHaveLength(card.match(/^\|---/gm)?.length ?? 0);
    expect(tables.length).toBeGreaterThan(3);
    expect(tables[1]?.rows.length).toBeGreaterThan(8);
    expect(tables[3]?.rows.length).toBeGreaterThan(4);
    expect(blocks.filter((block) => block.kind === 'heading').length).toBeGreaterThan(3);
    expect(blocks.some((block) => block.kind === 'code')).toBe(true);
    const text = JSON.stringify(blocks);
    expect(text).not.toContain('**');
    expect(text).not.toContain('## ');
  });
});
