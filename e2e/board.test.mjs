// The board in Debian's Chromium: a reader opens a number down to the file it came from, an editor
// checks a text, and nothing leaves this machine.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const BIN = process.env.QIPAN_BIN;
const OUTPUT = join(import.meta.dirname, 'output');
const PERIOD = '2021H1';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let data, server, base, browser;
// The passwords that `qipan demo` has printed, by login.
let passwords;
const strays = [];

before(async () => {
  assert.ok(BIN, 'QIPAN_BIN names the binary to test');
  mkdirSync(OUTPUT, { recursive: true });
  data = mkdtempSync(join(tmpdir(), 'qipan-e2e-'));
  const demo = spawnSync(BIN, ['--data', data, 'demo', '--no-serve'], { encoding: 'utf8' });
  assert.equal(demo.status, 0, demo.stderr);
  passwords = Object.fromEntries(
    [...demo.stdout.matchAll(/^([a-z-]+) +(Yanshi-\d+) /gm)].map(([, login, word]) => [login, word]));
  assert.equal(Object.keys(passwords).length, 9, demo.stdout);
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  server = spawn(BIN, ['--data', data, 'serve', '--listen', `127.0.0.1:${port}`], { stdio: 'inherit' });
  await answers(`${base}/api/v1/healthz`);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS,
  });
});

after(async () => {
  await browser?.close();
  if (server) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    // Told to stop, it stops by itself and in peace.
    assert.equal(await ended, 0);
  }
  if (data) rmSync(data, { recursive: true, force: true });
});

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (let tries = 0; tries < 100; tries += 1) {
    const ok = await fetch(url).then((answer) => answer.ok, () => false);
    if (ok) return;
    await sleep(100);
  }
  assert.fail(`${url} does not answer`);
}

// Comes in by the form to which whoever has no session is sent.
async function enter(page, login) {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', passwords[login]);
  await page.click('.enter button');
  await page.waitForURL((url) => url.pathname !== '/login');
}

// A page that reports whatever should not happen on it.
async function open(path, viewport = { width: 1366, height: 768 }, { login = 'coordinator', ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) strays.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4/.test(message.text())) strays.push(message.text());
  });
  await page.goto(base + path);
  if (login && new URL(page.url()).pathname === '/login') await enter(page, login);
  return page;
}

function sheets(pdf) {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
}

async function shot(page, name) {
  await page.screenshot({ path: join(OUTPUT, `${name}.png`), fullPage: true });
}

// Nothing sticks out of the page: long numbers and names stay where they belong.
async function fits(page, name) {
  const over = await page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
  assert.ok(over <= 0, `${name} is ${over} px too wide`);
}

test('the board shows all 32 figures of the half-year', async () => {
  const page = await open(`/board?period=${PERIOD}`);
  const cards = page.locator('.card');
  assert.equal(await cards.count(), 32);
  for (const card of await cards.all()) {
    assert.ok(await card.isVisible());
    const text = await card.innerText();
    assert.match(text, /\d/, text);
    assert.match(text, /已报 \d+\/\d+/, text);
  }
  assert.match(await page.locator('#PRJ-N-ISSUED').innerText(), /144\s*个/);
  assert.match(await page.locator('#CON-V').innerText(), /7400余\s*万元/);
  assert.match(await page.locator('.label').innerText(), /示例/);
  assert.ok((await page.locator('.map path[data-link]').count()) >= 10);
  await fits(page, 'board');
  await shot(page, 'board');
  await page.context().close();
});

test('whoever has not come in is asked to, and is let out again', async () => {
  const page = await open(`/board?period=${PERIOD}`, undefined, { login: null, javaScriptEnabled: false });
  await page.waitForURL(/\/login\?next=/);
  await fits(page, 'login');
  await shot(page, 'login');
  await page.fill('input[name=login]', 'kaizhou-clerk');
  await page.fill('input[name=password]', 'not-the-Right-1');
  await page.click('.enter button');
  assert.match(await page.locator('.refused').innerText(), /账号或密码不对/);
  await enter(page, 'kaizhou-clerk');
  await page.waitForURL(new RegExp(`/board\\?period=${PERIOD}`));
  assert.match(await page.locator('.top').innerText(), /开州区填报/);
  // A clerk may not read the journal, and is told so.
  await page.goto(`${base}/journal`);
  assert.match(await page.locator('.problem').innerText(), /Q4031/);
  await page.goto(`${base}/board?period=${PERIOD}`);
  await page.click('form.out button');
  await page.waitForURL(/\/login$/);
  await page.goto(`${base}/board`);
  await page.waitForURL(/\/login\?next=/);
  await page.context().close();
});

test('a number opens to its rows, a row to its record, the record to its file', async () => {
  const page = await open(`/board?period=${PERIOD}`);
  await page.locator('#PRJ-N-ISSUED a').click();
  await page.waitForURL(/\/figures\/PRJ-N-ISSUED/);
  assert.match(await page.locator('.big').innerText(), /144\s*个/);
  assert.match(await page.locator('.card-of').innerText(), /口径/);
  await page.locator('.sql summary').click();
  assert.match(await page.locator('.sql pre').first().innerText(), /SELECT/);
  let counted = 0;
  for (;;) {
    counted += await page.locator('#rows tbody tr:not(.uncounted)').count();
    const next = page.locator('#rows a[rel=next]');
    if ((await next.count()) === 0) break;
    await next.click();
    await page.waitForLoadState();
  }
  assert.equal(counted, 144, 'as many rows as the number says');
  await page.goto(`${base}/figures/PRJ-N-ISSUED?period=${PERIOD}`);
  await fits(page, 'figure');
  await shot(page, 'figure');

  await page.locator('#rows tbody th a').first().click();
  await page.waitForURL(/\/registers\/project\/records\/\d+/);
  assert.ok((await page.locator('.revisions > li').count()) >= 1);
  await fits(page, 'record');
  await shot(page, 'record');
  const download = page.waitForEvent('download');
  await page.locator('.revisions a[download]').first().click();
  const file = await download;
  assert.match(file.suggestedFilename(), /\.xlsx$/);
  assert.equal(readFileSync(await file.path()).subarray(0, 2).toString(), 'PK');
  await page.context().close();
});

test('a district of the map opens to its own figures', async () => {
  const page = await open(`/board?period=${PERIOD}&map=PRJ-N-ISSUED`);
  await page.locator('.map a[href*="/units/kaizhou"] path').click();
  await page.waitForURL(/\/units\/kaizhou/);
  assert.match(await page.locator('h1').innerText(), /开州区/);
  await fits(page, 'unit');
  await shot(page, 'unit');
  await page.context().close();
});

test('a text with one changed number has exactly one contradiction', async () => {
  const page = await open(`/press?period=${PERIOD}`);
  const text = '今年上半年，全市累计下达对口帮扶项目144个，总投资7.5亿元，下达对口帮扶资金4.25亿元，'
    + '已开工项目53个，开工率36.8%。';
  await page.locator('textarea').fill(text);
  await page.locator('.press button').click();
  await page.waitForSelector('.tally');
  assert.deepEqual(await page.locator('mark.contradicted').allTextContents(), ['4.25亿元']);
  assert.equal(await page.locator('mark.confirmed').count(), 4);
  await fits(page, 'press');
  await shot(page, 'press');
  await page.locator('mark.contradicted a').click();
  await page.waitForURL(/\/figures\/FND-V-ISSUED/);
  await page.context().close();
});

test('it can be read on a telephone and in English', async () => {
  const phone = { width: 390, height: 844 };
  for (const path of ['/board', '/board?by=link', '/figures/ECO-V-SETTLED', '/units/pengshui',
    '/registers/project', '/registers/project/records/1', '/journal', '/press', '/nothing']) {
    const page = await open(path, phone);
    await fits(page, path);
    await page.context().close();
  }
  const page = await open(`/board?period=${PERIOD}`, phone);
  await shot(page, 'phone');
  await page.locator('nav a[lang=en]').click();
  await page.waitForURL(/lang=en/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(await page.locator('h1').innerText(), /2021H1 at a glance/);
  await fits(page, 'English board');
  await shot(page, 'phone-english');
  await page.context().close();
});

test('it works without script and prints with the mark on every page', async () => {
  const page = await open(`/board?period=${PERIOD}&by=group`, undefined, { javaScriptEnabled: false });
  assert.ok((await page.locator('table.matrix').count()) >= 5);
  await shot(page, 'groups');
  await page.emulateMedia({ media: 'print' });
  await shot(page, 'groups-print');
  const pdf = await page.pdf({ path: join(OUTPUT, 'groups.pdf'), preferCSSPageSize: true, printBackground: true });
  assert.ok(sheets(pdf) > 1, 'long enough to show what repeats');
  const text = spawnSync('pdftotext', ['-layout', join(OUTPUT, 'groups.pdf'), '-'], { encoding: 'utf8' });
  if (text.status === 0) {
    for (const sheet of text.stdout.split('\f').filter((one) => one.trim())) assert.match(sheet.replace(/\s/g, ''), /示例数据/);
  }
  await page.goto(`${base}/board?period=${PERIOD}`);
  const board = await page.pdf({ path: join(OUTPUT, 'board.pdf'), preferCSSPageSize: true, printBackground: true });
  assert.equal(sheets(board), 1, 'the whole board stands on one sheet of A3');
  await page.context().close();
});

test('nothing was asked of any other host, and no page complained', () => {
  assert.deepEqual(strays, []);
});
