/**
 * Key combinations as text, and a pressed key as the same text.
 * A character counts as typed (`event.key`), so `/` and `+` work on every layout; where the layout types no Latin letter
 * (Greek, Cyrillic) or Alt changed it, the place of the key (`event.code`) names the letter.
 */
export type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>;

const bare_modifiers = new Set([
  'Control',
  'Shift',
  'Alt',
  'AltGraph',
  'Meta',
  'CapsLock',
  'Dead',
  'Process',
  'Unidentified',
  'Fn',
  'NumLock',
]);

/** null while only a modifier is down. */
export function combination(pressed: Pressed): string | null {
  if (bare_modifiers.has(pressed.key)) return null;
  const name = key_name(pressed);
  const is_letter = /^[a-z]$/.test(name);
  const is_named = name.length > 1;
  const parts = [];
  if (pressed.ctrlKey || pressed.metaKey) parts.push('Ctrl');
  if (pressed.altKey) parts.push('Alt');
  // Shift is part of how `+` or `/` are typed; only with letters and named keys is it a modifier.
  if (pressed.shiftKey && (is_letter || is_named)) parts.push('Shift');
  return [...parts, name].join('+');
}

function key_name(pressed: Pressed): string {
  if (pressed.key === ' ') return 'Space';
  if (pressed.key.length > 1) return pressed.key;
  const typed = pressed.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(pressed.code)?.[1]?.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(pressed.code)?.[1];
  if (/^[a-z0-9]$/.test(typed)) return typed;
  if (letter !== undefined && (pressed.altKey || !/^[\x21-\x7e]$/.test(typed))) return letter;
  if (digit !== undefined && (pressed.ctrlKey || pressed.altKey)) return digit;
  return typed;
}

/** The same combination always written the same way: modifiers in one order, letters small. */
export function normalise(keys: string): string {
  const parts =
    keys === '+' || keys.endsWith('++')
      ? [
          ...keys
            .slice(0, -2)
            .split('+')
            .filter((p) => p !== ''),
          '+',
        ]
      : keys.split('+');
  const name = parts.at(-1) ?? '';
  const modifiers = ['Ctrl', 'Alt', 'Shift'].filter((modifier) => parts.slice(0, -1).includes(modifier));
  return [...modifiers, name.length === 1 ? name.toLowerCase() : name].join('+');
}

const symbols: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: 'Enter',
  Escape: 'Esc',
  Delete: 'Del',
};

/** As it is shown to a person: `Shift+↑`, `Ctrl+K`. */
export function shown(keys: string): string {
  if (keys === '+') return '+';
  const plus = keys.endsWith('++');
  const parts = (plus ? keys.slice(0, -2) : keys).split('+');
  if (plus) parts.push('+');
  return parts.map((part) => symbols[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join('+');
}
