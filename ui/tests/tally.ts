/** Writes how many tests there were and how long each took, for the closing lines of `cargo xtask test`. */
import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export default class Tally implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const file = process.env.OVERREAD_TALLY;
    if (file === undefined) return;
    const name = `${test.module.relativeModuleId} ${test.fullName}`.replaceAll(/\s+/g, ' ');
    appendFileSync(file, `${test.result().state}\t${Math.round(test.diagnostic()?.duration ?? 0)}\t${name}\n`);
  }

  /** A file that cannot be run has no tests to fail. */
  onTestModuleEnd(module: TestModule): void {
    const file = process.env.OVERREAD_TALLY;
    if (file !== undefined && module.errors().length > 0)
      appendFileSync(file, `failed\t0\t${module.relativeModuleId}\n`);
  }
}
