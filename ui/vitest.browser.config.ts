import { defineConfig } from 'vitest/config';

/** The tests that drive Chromium on the built interface; `npm run test:browser` builds it first. */
export default defineConfig({
  test: {
    include: ['tests/**/*.browser.ts'],
    environment: 'node',
    reporters: ['default', './tests/tally.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
