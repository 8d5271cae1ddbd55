/**
 * What these tests need of the machine. Where it is not there they are skipped, and this is the only way to do so (`tests/house.rs`
 * refuses others): each lack is written down for the list that `cargo xtask test` closes with, and is an error where all is required.
 */
import { appendFileSync } from 'node:fs';
import { describe } from 'vitest';

const required = process.env.OVERREAD_REQUIRE_ALL;

/** `describe` where `found`, otherwise the same with its tests skipped. `what` is a clause: "no Chromium was found". */
export function describe_with(found: boolean, what: string): typeof describe | typeof describe.skip {
  if (found) return describe;
  if (required !== undefined && required !== '' && required !== '0')
    throw new Error(`OVERREAD_REQUIRE_ALL is set, and ${what}`);
  console.warn(`skipped: ${what}`);
  if (process.env.OVERREAD_LACKS !== undefined) appendFileSync(process.env.OVERREAD_LACKS, `other\tui\t-\t${what}\n`);
  return describe.skip;
}
