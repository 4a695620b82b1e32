// The desk as a browser has it: bytes of the first pages, how long until the board is drawn, how a
// long register list scrolls. Prints one JSON object; `make bench` puts it into its table.
//
// node bench/desk.mjs BASE LOGIN PASSWORD REGISTER RUNS
import { DESK, launch } from '../e2e/lib/chromium.mjs';

const [base, login, password, register, runs] = process.argv.slice(2);

/** Bytes on the wire until nothing more comes, by the browser's own count. */
async function weighed(context, path, there) {
  const page = await context.newPage();
  const wire = await context.newCDPSession(page);
  await wire.send('Network.enable');
  let bytes = 0;
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await page.goto(base + path);
  await there(page);
  await page.waitForLoadState('networkidle');
  await page.close();
  return bytes;
}

const seen = (selector) => (page) => page.locator(selector).first().waitFor();

/** The board's figures and its map, districts and all. */
const drawn = (page) => page.waitForFunction(() =>
  document.querySelectorAll('main article.card').length > 20
  && document.querySelectorAll('main aside svg path').length > 40);

/** Somebody's browser with nothing in its cache: `kept` is the session alone. */
const fresh = (browser, kept) => browser.newContext({ viewport: DESK, locale: 'zh-CN', storageState: kept });

async function enter(browser) {
  const context = await fresh(browser);
  const page = await context.newPage();
  await page.goto(`${base}/desk/`);
  await page.locator('[autocomplete=username]').fill(login);
  await page.locator('[autocomplete=current-password]').fill(password);
  await page.locator('form [type=submit]').click();
  await page.waitForURL((url) => url.pathname !== '/desk/login');
  const kept = await context.storageState();
  await context.close();
  return kept;
}

/** Milliseconds from asking for the board to its figures and its map being there. */
async function board(browser, kept) {
  const context = await fresh(browser, kept);
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(`${base}/desk/board`, { waitUntil: 'commit' });
  await drawn(page);
  // Drawn is when the frame after that is through.
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  const took = performance.now() - begun;
  await context.close();
  return took;
}

/** Milliseconds between frames while the wheel turns, and until rows stand after a leap. */
async function scrolled(browser, kept) {
  const context = await fresh(browser, kept);
  const page = await context.newPage();
  await page.goto(`${base}/desk/registers/${register}`);
  const grid = page.locator('[role=grid]').first();
  await grid.locator('[role=row]').nth(5).waitFor();
  await grid.hover();
  await page.evaluate(() => {
    globalThis.gaps = [];
    let before = performance.now();
    const note = (now) => { globalThis.gaps.push(now - before); before = now; globalThis.noting = requestAnimationFrame(note); };
    globalThis.noting = requestAnimationFrame(note);
  });
  for (let nth = 0; nth < 150; nth += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(15);
  }
  const gaps = await page.evaluate(() => { cancelAnimationFrame(globalThis.noting); return globalThis.gaps; });
  await context.close();
  return gaps;
}

const browser = await launch();
try {
  const kept = await enter(browser);
  const stranger = await fresh(browser);
  const owner = await fresh(browser, kept);
  const bytes = {
    login: await weighed(stranger, '/desk/', seen('[autocomplete=username]')),
    start: await weighed(owner, '/desk/', seen('main h1')),
    board: await weighed(await fresh(browser, kept), '/desk/board', drawn),
  };
  const boards = [];
  for (let nth = 0; nth < Number(runs); nth += 1) boards.push(await board(browser, kept));
  process.stdout.write(`${JSON.stringify({ bytes, board_ms: boards, frame_ms: await scrolled(browser, kept) })}\n`);
} finally {
  await browser.close();
}
