// A page of the built desk in Debian's Chromium, watched: nothing may be asked of another host,
// nothing may fail in its scripts, nothing may be tried that the server's policy forbids.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startDesk } from './desk.mjs';
import { settled } from './settled.mjs';

const OUTPUT = join(import.meta.dirname, '../output');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export const DESK = { width: 1366, height: 768 };
export const WALL = { width: 1920, height: 1080 };
export const PHONE = { width: 390, height: 844 };

/** A browser for a file of tests. */
export async function launch() {
  assert.ok(existsSync(join(import.meta.dirname, '../../web/dist/index.html')), 'build web/dist first');
  mkdirSync(OUTPUT, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Opens a path of the desk with an API made up of `routes`. */
export async function visit(browser, path, routes = {}, { size = DESK, clock } = {}) {
  const desk = await startDesk(routes);
  const context = await browser.newContext({ viewport: size, locale: 'zh-CN', acceptDownloads: true });
  const page = await context.newPage();
  const faults = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== desk.base) faults.push(`request to ${url.origin}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // An answer that refuses is told on the console too; the tests look for what people see.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) faults.push(message.text());
  });
  if (clock) await page.clock.install({ time: clock });
  await page.goto(`${desk.base}/desk${path}`);
  return {
    desk,
    page,
    /** What of the address says more than the path. */
    query: () => Object.fromEntries(new URL(page.url()).searchParams),
    path: () => new URL(page.url()).pathname.replace('/desk', ''),
    /** Nothing against WCAG 2.2 AA that a machine finds. */
    async accessible(where) {
      await settled(page);
      // The policy of the page lets no script in but its own; the checker comes by the debugger.
      await page.evaluate(`${AXE};0`);
      const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
      const words = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
      assert.deepEqual(words, [], `${where} is not accessible`);
    },
    /** Pictures to be looked at, at the desk's width and a phone's; neither may scroll sideways. */
    async shoot(name, sizes = { '': DESK, '-phone': PHONE }) {
      for (const [label, one] of Object.entries(sizes)) {
        await page.setViewportSize(one);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name}${label} is ${wide} pixels too wide`);
        await page.screenshot({ path: join(OUTPUT, `desk-${name}${label}.png`), fullPage: label !== '' });
      }
      await page.setViewportSize(size);
    },
    async close() {
      await context.close();
      await desk.stop();
      assert.deepEqual(faults, []);
    },
  };
}
