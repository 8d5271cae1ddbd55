/**
 * The shell freezes `Object.prototype` before any script runs, so that no script can poison it. A frozen prototype has a
 * side effect: `x.toString = …` on a plain object throws, because the inherited property is read only. A few libraries under
 * Cornerstone do that. This gives each such object its own property first, which changes nothing else.
 * tests/frozen.browser.ts opens the reading screen with a frozen prototype and fails when a new place turns up.
 */
import type { Plugin } from 'vite';

const assigned = /^([ \t]*)([\w$.]+)\.(constructor|toString|valueOf)[ \t]*=(?!=)/gm;
const own = '{ value: undefined, writable: true, enumerable: true, configurable: true }';
/** d3-color copies methods, `toString` among them, onto a prototype. */
const copied = 'prototype[key] = definition[key];';
const copied_as_own =
  'Object.defineProperty(prototype, key, { value: definition[key], writable: true, enumerable: true, configurable: true });';

export function with_own_properties(code: string): string {
  return code.replace(assigned, `$1Object.defineProperty($2, '$3', ${own}); $2.$3 =`).replace(copied, copied_as_own);
}

export function frozen_prototype(): Plugin {
  return {
    name: 'overread-frozen-prototype',
    transform(code, id) {
      if (!id.includes('/node_modules/')) return null;
      const changed = with_own_properties(code);
      return changed === code ? null : { code: changed, map: null };
    },
  };
}
