/** The particulars of an audit row as pairs that can be read. They come as JSON; anything else is one line of text. Pure. */
export type Pair = { name: string; value: string };

export function pairs(detail: string): Pair[] {
  const text = detail.trim();
  if (text === '' || text === '{}' || text === 'null') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ name: '', value: text }];
  }
  const found: Pair[] = [];
  walk(value, '', found);
  return found;
}

function walk(value: unknown, name: string, found: Pair[]): void {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object' || one === null))
      found.push({ name, value: value.map(String).join(', ') });
    else value.forEach((one, at) => walk(one, `${name}[${at + 1}]`, found));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) walk(inner, name === '' ? key : `${name}.${key}`, found);
  } else found.push({ name, value: String(value) });
}
