import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { frozen_prototype } from './frozen_prototype.ts';
import { no_compute_worker } from './no_compute_worker.ts';

export default defineConfig({
  plugins: [no_compute_worker(), frozen_prototype(), svelte()],
  clearScreen: false,
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  // WebKitGTK 2.40 and Chromium both know ES2022; fonts and images stay files (CSP allows no data: scripts).
  build: { target: 'es2022', assetsInlineLimit: 0, sourcemap: false, chunkSizeWarningLimit: 5000 },
  test: { include: ['src/**/*.test.ts'], environment: 'node', reporters: ['default', './tests/tally.ts'] },
});
