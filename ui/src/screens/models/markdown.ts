/**
 * Markdown of a model card as a tree of plain values; the screen makes elements of it, so no text of a bundle ever becomes markup.
 * Headings, paragraphs, lists, tables, quotes, code, rules, emphasis, links. HTML is text like any other.
 */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'emphasis'; children: Inline[] }
  | { kind: 'link'; children: Inline[]; address: string };

export type Align = 'start' | 'center' | 'end';
export type Block =
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Block[][] }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: Inline[][]; align: Align[]; rows: Inline[][][] }
  | { kind: 'rule' };

const deepest = 12;
const fence = /^ {0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const rule = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const quote = /^ {0,3}> ?/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])[ \t]+(?=\S)/;
const delimiter = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

export function parse(text: string): Block[] {
  return blocks(text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd').split('\n'), 0);
}

function blocks(lines: readonly string[], depth: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
      continue;
    }
    const [block, next] = depth >= deepest ? paragraph(lines, at) : block_at(lines, at, depth);
    found.push(block);
    at = next;
  }
  return found;
}

function block_at(lines: readonly string[], at: number, depth: number): [Block, number] {
  const line = lines[at] ?? '';
  const fenced = fence.exec(line);
  if (fenced !== null) return code(lines, at, fenced[1] ?? '```');
  const head = heading.exec(line);
  if (head !== null)
    return [{ kind: 'heading', level: (head[1] ?? '#').length, children: inline(head[2] ?? '') }, at + 1];
  if (rule.test(line)) return [{ kind: 'rule' }, at + 1];
  if (quote.test(line)) {
    const end = run(lines, at, (one) => quote.test(one));
    return [
      {
        kind: 'quote',
        children: blocks(
          lines.slice(at, end).map((one) => one.replace(quote, '')),
          depth + 1,
        ),
      },
      end,
    ];
  }
  if (item.test(line)) return list(lines, at, depth);
  if (
    line.includes('|') &&
    delimiter.test(lines[at + 1] ?? '') &&
    cells(line).length === cells(lines[at + 1] ?? '').length
  )
    return table(lines, at);
  return paragraph(lines, at);
}

const run = (lines: readonly string[], at: number, belongs: (line: string) => boolean): number => {
  let end = at;
  while (end < lines.length && belongs(lines[end] ?? '')) end += 1;
  return end;
};

function code(lines: readonly string[], at: number, mark: string): [Block, number] {
  const closes = (line: string): boolean =>
    line.trim().startsWith(mark) && line.trim().replaceAll(mark.charAt(0), '') === '';
  const end = run(lines, at + 1, (line) => !closes(line));
  return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
}

function paragraph(lines: readonly string[], at: number): [Block, number] {
  const interrupts = (line: string): boolean =>
    fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line) || item.test(line);
  const end = run(lines, at + 1, (line) => line.trim() !== '' && !interrupts(line));
  return [
    {
      kind: 'paragraph',
      children: inline(
        lines
          .slice(at, end)
          .map((line) => line.trim())
          .join(' '),
      ),
    },
    end,
  ];
}

function list(lines: readonly string[], at: number, depth: number): [Block, number] {
  const ordered = /^\d/.test(item.exec(lines[at] ?? '')?.[2] ?? '');
  const items: Block[][] = [];
  let next = at;
  while (next < lines.length) {
    const mark = item.exec(lines[next] ?? '');
    if (mark === null || rule.test(lines[next] ?? '') || /^\d/.test(mark[2] ?? '') !== ordered) break;
    const indent = mark[0].length;
    const own = [(lines[next] ?? '').slice(indent)];
    next += 1;
    while (next < lines.length) {
      const line = lines[next] ?? '';
      const inside = /^\s{2,}/.test(line) && line.trim() !== '';
      const lazy =
        line.trim() !== '' &&
        !item.test(line) &&
        own.at(-1)?.trim() !== '' &&
        !heading.test(line) &&
        !fence.test(line) &&
        !quote.test(line);
      const blank_inside = line.trim() === '' && /^\s{2,}\S/.test(lines[next + 1] ?? '');
      if (!inside && !lazy && !blank_inside) break;
      own.push(line.slice(Math.min(indent, line.length - line.trimStart().length)));
      next += 1;
    }
    items.push(blocks(own, depth + 1));
    // One empty line between two items does not end the list.
    if ((lines[next] ?? '').trim() === '' && item.test(lines[next + 1] ?? '')) next += 1;
  }
  return [{ kind: 'list', ordered, items }, next];
}

function cells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function table(lines: readonly string[], at: number): [Block, number] {
  const head = cells(lines[at] ?? '');
  const align = cells(lines[at + 1] ?? '').map((mark): Align =>
    mark.endsWith(':') ? (mark.startsWith(':') ? 'center' : 'end') : 'start',
  );
  const end = run(lines, at + 2, (line) => line.includes('|') && line.trim() !== '');
  const rows = lines.slice(at + 2, end).map((line) => {
    const own = cells(line);
    return head.map((_, column) => inline(own[column] ?? ''));
  });
  return [{ kind: 'table', head: head.map((cell) => inline(cell)), align, rows }, end];
}

const spans: readonly [RegExp, (match: RegExpExecArray, depth: number) => Inline][] = [
  [/^(`+)(.+?)\1(?!`)/s, (m) => ({ kind: 'code', text: (m[2] ?? '').trim() })],
  [/^\*\*(?=\S)(.+?)(?<=\S)\*\*/s, (m, depth) => ({ kind: 'strong', children: inline(m[1] ?? '', depth + 1) })],
  [/^__(?=\S)(.+?)(?<=\S)__(?!\w)/s, (m, depth) => ({ kind: 'strong', children: inline(m[1] ?? '', depth + 1) })],
  [/^\*(?=\S)([^*]+?)(?<=\S)\*/s, (m, depth) => ({ kind: 'emphasis', children: inline(m[1] ?? '', depth + 1) })],
  [/^_(?=\S)([^_]+?)(?<=\S)_(?!\w)/s, (m, depth) => ({ kind: 'emphasis', children: inline(m[1] ?? '', depth + 1) })],
  [
    /^\[([^\]]+)\]\(([^()\s]+)\)/,
    (m, depth) => ({ kind: 'link', children: inline(m[1] ?? '', depth + 1), address: m[2] ?? '' }),
  ],
  [/^<([a-z][a-z0-9+.-]*:[^<>\s]+)>/i, (m) => ({ kind: 'text', text: m[1] ?? '' })],
];

export function inline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
  };
  let at = 0;
  while (at < text.length) {
    const letter = text.charAt(at);
    if (letter === '\\' && /[!-/:-@[-`{-~]/.test(text.charAt(at + 1))) {
      plain += text.charAt(at + 1);
      at += 2;
      continue;
    }
    const inside_word = letter === '_' && /\w/.test(text.charAt(at - 1));
    const span = '`*_[<'.includes(letter) && !inside_word && depth < deepest ? span_at(text.slice(at), depth) : null;
    if (span === null) {
      plain += letter;
      at += 1;
      continue;
    }
    flush();
    found.push(span.inline);
    at += span.length;
  }
  flush();
  return found;
}

function span_at(text: string, depth: number): { inline: Inline; length: number } | null {
  for (const [pattern, make] of spans) {
    const match = pattern.exec(text);
    if (match !== null) return { inline: make(match, depth), length: match[0].length };
  }
  return null;
}
