// A page of the built desk, its API made up by a test.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, DESK, launch as chromium, shoot, watch } from '../lib/chromium.mjs';
import { startDesk } from './desk.mjs';

/** A browser for a file of tests. */
export async function launch() {
  assert.ok(existsSync(join(import.meta.dirname, '../../web/dist/index.html')), 'build web/dist first');
  return chromium();
}

/** A page whose faults are told, of the desk at `base`. */
export async function watched(browser, base, faults, size = DESK) {
  const context = await browser.newContext({ viewport: size, locale: 'zh-CN', acceptDownloads: true });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await context.newPage();
  watch(page, base, faults);
  return page;
}

/** Opens a path of the desk with an API made up of `routes`. */
export async function visit(browser, path, routes = {}, { size = DESK, clock } = {}) {
  const desk = await startDesk(routes);
  const faults = [];
  const page = await watched(browser, desk.base, faults, size);
  if (clock) await page.clock.install({ time: clock });
  await page.goto(`${desk.base}/desk${path}`);
  return {
    desk,
    page,
    /** What of the address says more than the path. */
    query: () => Object.fromEntries(new URL(page.url()).searchParams),
    path: () => new URL(page.url()).pathname.replace('/desk', ''),
    accessible: (where) => accessible(page, where),
    shoot: (name, sizes) => shoot(page, `desk-${name}`, sizes),
    async close() {
      await page.context().close();
      await desk.stop();
      assert.deepEqual(faults, []);
    },
  };
}
