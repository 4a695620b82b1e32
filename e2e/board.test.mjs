// The board in Debian's Chromium: a reader opens a number down to the file it came from, an editor
// checks a text, and nothing leaves this machine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fits, OUTPUT, PHONE } from './lib/chromium.mjs';
import { downloaded, start } from './real/server.mjs';

const PERIOD = '2021H1';
let site;

before(async () => { site = await start(); });
afterEach(() => site.done());
after(() => site?.stop());

// Comes in by the form to which whoever has no session is sent.
async function enter(page, login) {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', site.passwords[login]);
  await page.click('.enter button');
  await page.waitForURL((url) => url.pathname !== '/login');
}

async function open(path, { login = 'coordinator', ...options } = {}) {
  const page = await site.page(path, options);
  if (login && new URL(page.url()).pathname === '/login') await enter(page, login);
  return page;
}

function sheets(pdf) {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
}

async function shot(page, name) {
  await page.screenshot({ path: join(OUTPUT, `${name}.png`), fullPage: true });
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
});

test('whoever has not come in is asked to, and is let out again', async () => {
  const page = await open(`/board?period=${PERIOD}`, { login: null, javaScriptEnabled: false });
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
  await page.goto(`${site.base}/journal`);
  assert.match(await page.locator('.problem').innerText(), /Q4031/);
  await page.goto(`${site.base}/board?period=${PERIOD}`);
  await page.click('form.out button');
  await page.waitForURL(/\/login$/);
  await page.goto(`${site.base}/board`);
  await page.waitForURL(/\/login\?next=/);
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
  await page.goto(`${site.base}/figures/PRJ-N-ISSUED?period=${PERIOD}`);
  await fits(page, 'figure');
  await shot(page, 'figure');

  await page.locator('#rows tbody th a').first().click();
  await page.waitForURL(/\/registers\/project\/records\/\d+/);
  assert.ok((await page.locator('.revisions > li').count()) >= 1);
  await fits(page, 'record');
  await shot(page, 'record');
  const { name, bytes } = await downloaded(page, () => page.locator('.revisions a[download]').first().click());
  assert.match(name, /\.xlsx$/);
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
});

test('a district of the map opens to its own figures', async () => {
  const page = await open(`/board?period=${PERIOD}&map=PRJ-N-ISSUED`);
  await page.locator('.map a[href*="/units/kaizhou"] path').click();
  await page.waitForURL(/\/units\/kaizhou/);
  assert.match(await page.locator('h1').innerText(), /开州区/);
  await fits(page, 'unit');
  await shot(page, 'unit');
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
});

test('it can be read on a telephone and in English', async () => {
  for (const path of ['/board', '/board?by=link', '/figures/ECO-V-SETTLED', '/units/pengshui',
    '/registers/project', '/registers/project/records/1', '/journal', '/press', '/nothing']) {
    const page = await open(path, { size: PHONE });
    await fits(page, path);
    }
  const page = await open(`/board?period=${PERIOD}`, { size: PHONE });
  await shot(page, 'phone');
  await page.locator('nav a[lang=en]').click();
  await page.waitForURL(/lang=en/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(await page.locator('h1').innerText(), /2021H1 at a glance/);
  await fits(page, 'English board');
  await shot(page, 'phone-english');
});

test('it works without script and prints with the mark on every page', async () => {
  const page = await open(`/board?period=${PERIOD}&by=group`, { javaScriptEnabled: false });
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
  await page.goto(`${site.base}/board?period=${PERIOD}`);
  const board = await page.pdf({ path: join(OUTPUT, 'board.pdf'), preferCSSPageSize: true, printBackground: true });
  assert.equal(sheets(board), 1, 'the whole board stands on one sheet of A3');
});
