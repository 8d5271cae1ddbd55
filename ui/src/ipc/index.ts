/** Picks the program the interface talks to: the shell, or made-up data where there is no shell (a plain browser). */
import type { Host } from './generated/host';

export type { Host } from './generated/host';
export type * from './generated/wire';

const in_shell = '__TAURI_INTERNALS__' in globalThis;
const wants_fake = import.meta.env.DEV && new URLSearchParams(globalThis.location?.search ?? '').has('fake');

let chosen: Host | null = null;

/** Must have ended before anything asks for `host()`; main.ts sees to it. */
export async function connect(): Promise<Host> {
  if (in_shell && !wants_fake) chosen = (await import('./generated/tauri_host')).tauri_host;
  else chosen = (await import('./fake')).fake_host(globalThis.location?.search ?? '');
  return chosen;
}

export function host(): Host {
  if (chosen === null) throw new Error('host() was asked for before connect() had ended');
  return chosen;
}
