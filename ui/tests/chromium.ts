/** Starts the built interface on 127.0.0.1 and a Chromium beside it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { describe_with } from './needs';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const dist = join(import.meta.dirname, '..', 'dist');
const executable = [
  process.env.OVERREAD_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

export const with_chromium = describe_with(
  executable !== undefined,
  'no Chromium was found (OVERREAD_CHROMIUM names one)',
);

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** What the shell's web view allows the page, so that the tests meet the same walls. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "connect-src 'self' ipc: http://ipc.localhost",
  "img-src 'self' blob: data:",
  "font-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export type Opened = { page: Page; errors: string[] };

export class Stage {
  private constructor(
    private readonly server: Server,
    private readonly context: BrowserContext,
    private readonly profile: string,
    private readonly origin: string,
  ) {}

  static async raise(): Promise<Stage> {
    const server = createServer((request, answer) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname));
      const file = join(dist, path === '/' ? 'index.html' : path);
      if (path === '/favicon.ico') return void answer.writeHead(204).end();
      if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile())
        return void answer.writeHead(404).end();
      answer
        .writeHead(200, {
          'content-type': types[extname(file)] ?? 'application/octet-stream',
          'content-security-policy': policy,
        })
        .end(readFileSync(file));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const profile = mkdtempSync(join(tmpdir(), 'overread-ui-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: executable,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
      viewport: { width: 1366, height: 768 },
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    return new Stage(server, context, profile, `http://127.0.0.1:${port}`);
  }

  /** A new page at `?query`; `errors` collects what the page throws or logs as an error. `before` runs in it ahead of every script. */
  async open(query: string, size = { width: 1366, height: 768 }, before: (() => void) | null = null): Promise<Opened> {
    const page = await this.context.newPage();
    await page.addInitScript('Object.freeze(Object.prototype)');
    if (before !== null) await page.addInitScript(before);
    await page.setViewportSize(size);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${this.origin}/?${query}`);
    return { page, errors };
  }

  async lower(): Promise<void> {
    await this.context.close();
    this.server.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
