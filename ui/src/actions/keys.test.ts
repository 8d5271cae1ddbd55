import { describe, expect, it } from 'vitest';
import { bindings, conflicts } from './bindings';
import { actions_of_catalogue } from './catalogue';
import { combination, normalise, shown, type Pressed } from './keys';

const press = (key: string, code: string, ...modifiers: ('ctrl' | 'alt' | 'shift')[]): Pressed => ({
  key,
  code,
  ctrlKey: modifiers.includes('ctrl'),
  altKey: modifiers.includes('alt'),
  shiftKey: modifiers.includes('shift'),
  metaKey: false,
});

describe('a pressed key', () => {
  it.each([
    [press('k', 'KeyK', 'ctrl'), 'Ctrl+k'],
    [press('K', 'KeyK', 'ctrl', 'shift'), 'Ctrl+Shift+k'],
    [press('N', 'KeyN', 'shift'), 'Shift+n'],
    [press('ArrowUp', 'ArrowUp', 'shift'), 'Shift+ArrowUp'],
    [press(' ', 'Space'), 'Space'],
    // typed with Shift on one layout and without on another: the same character
    [press('/', 'Digit7', 'shift'), '/'],
    [press('/', 'Slash'), '/'],
    [press('+', 'Equal', 'shift'), '+'],
    [press('+', 'NumpadAdd'), '+'],
    // Hungarian: 0 stands left of 1; the character counts
    [press('0', 'Backquote'), '0'],
    // Russian and Greek layouts type no Latin letter: the key's place names it
    [press('л', 'KeyK', 'ctrl'), 'Ctrl+k'],
    [press('ω', 'KeyV'), 'v'],
    // macOS and AltGr turn Alt+letter into a sign
    [press('®', 'KeyR', 'alt'), 'Alt+r'],
    // French: digits need Shift; with Ctrl the place counts
    [press('&', 'Digit1', 'ctrl'), 'Ctrl+1'],
    // QWERTZ: the letter that is printed on the key
    [press('z', 'KeyY', 'ctrl'), 'Ctrl+z'],
    [press('Control', 'ControlLeft', 'ctrl'), null],
  ])('%j is %j', (pressed, expected) => {
    expect(combination(pressed)).toBe(expected);
  });

  it('is written one way however it was stored', () => {
    expect(normalise('Shift+Ctrl+K')).toBe('Ctrl+Shift+k');
    expect(normalise('+')).toBe('+');
    expect(normalise('Ctrl++')).toBe('Ctrl++');
    expect(shown('Shift+ArrowUp')).toBe('Shift+↑');
    expect(shown('Ctrl+k')).toBe('Ctrl+K');
    expect(shown('Ctrl++')).toBe('Ctrl++');
  });
});

describe('the bindings', () => {
  it.each(['default', 'ohif', 'weasis'])('of the profile %s have no conflict', (profile) => {
    expect(conflicts(bindings(profile, {}))).toEqual([]);
  });

  it.each(['default', 'ohif', 'weasis'])(
    'of the profile %s are written in their normal form and leave Esc alone',
    (profile) => {
      const all = [...bindings(profile, {}).values()].flat();
      expect(all.filter((keys) => normalise(keys) !== keys || keys.includes('Escape'))).toEqual([]);
    },
  );

  it('name a conflict within a place and between a place and everywhere, and no other', () => {
    expect(conflicts(bindings('default', { 'reading.invert': ['w'] }))).toEqual([
      { keys: 'w', actions: ['reading.tool_window', 'reading.invert'] },
    ]);
    expect(conflicts(bindings('default', { 'reading.invert': ['Ctrl+K'] }))).toEqual([
      { keys: 'Ctrl+k', actions: ['app.commands', 'reading.invert'] },
    ]);
    // Enter opens a study in the worklist and accepts a finding while reading
    expect(bindings('default', {}).get('worklist.open')).toEqual(bindings('default', {}).get('reading.accept'));
  });

  it('take the person’s own over the profile’s, also an empty list', () => {
    expect(bindings('ohif', { 'reading.cine': [] }).get('reading.cine')).toEqual([]);
    expect(bindings('ohif', {}).get('reading.rotate_right')).toEqual(['r']);
    expect(bindings('a profile of tomorrow', {}).get('reading.rotate_right')).toEqual(['Alt+r']);
  });

  it('have the keys that the design names', () => {
    const keys = bindings('default', {});
    const design: Record<string, string> = {
      'reading.tool_window': 'w',
      'reading.tool_pan': 't',
      'reading.tool_zoom': 'z',
      'reading.tool_scroll': 's',
      'reading.tool_length': 'd',
      'reading.tool_angle': 'a',
      'reading.tool_ellipse': 'e',
      'reading.tool_text': 'b',
      'reading.invert': 'i',
      'reading.reset': 'r',
      'reading.cine': 'c',
      'reading.key_image': 'k',
      'reading.overlay_text': 'Space',
      'reading.overlay_ai': 'g',
      'reading.finding_next': 'n',
      'reading.finding_previous': 'Shift+n',
      'reading.accept': 'Enter',
      'reading.reject': 'x',
      'reading.unsure': 'u',
      'reading.undo': 'Ctrl+z',
      'reading.redo': 'Ctrl+y',
      'app.commands': 'Ctrl+k',
      'app.fullscreen': 'F11',
      'report.print': 'Ctrl+p',
      'reading.tile_next': 'Tab',
    };
    expect(Object.fromEntries(Object.keys(design).map((id) => [id, keys.get(id)?.[0]]))).toEqual(design);
    expect(new Set(actions_of_catalogue.map((action) => action.id)).size).toBe(actions_of_catalogue.length);
  });
});
