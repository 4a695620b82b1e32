// Every main page of the desk on the real half-year, in both languages and at both widths: for all
// eyes and hands, nothing sideways, nothing raw. The pictures are in `output`, to be looked at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, chinese, DESK, OUTPUT, shoot, WALL } from './lib/chromium.mjs';
import { settled } from './lib/settled.mjs';
import { start } from './real/server.mjs';

let site;

before(async () => { site = await start(); });
after(() => site?.stop());

/** Pages, who looks at them, and what is on them once they are there. */
const PAGES = {
  coordinator: {
    todo: ['/', 'main h1'],
    board: ['/board', '.drawing svg path'],
    figures: ['/figures', '.spark'],
    'figures-cut': ['/figures?by=recipient', 'main tbody td'],
    figure: ['/figures/FND-V-ISSUED', '.drawing svg text'],
    'figure-rate': ['/figures/PRJ-R-START', '.parts li'],
    registers: ['/registers', 'li.box'],
    list: ['/registers/project', '[role=row][aria-rowindex="3"]'],
    record: ['/registers/project/1', '#input-code'],
    'record-keyed': ['/registers/consumption/1', 'main .section'],
    imports: ['/imports', 'main h2'],
    briefs: ['/briefs', 'iframe.paper'],
    press: ['/press', 'textarea'],
    links: ['/mechanism/links', '.bar'],
    units: ['/mechanism/units', 'main button'],
    clauses: ['/mechanism/clauses', 'main h2'],
    pack: ['/mechanism/pack', 'main button'],
    journal: ['/journal', 'main tbody tr'],
    account: ['/account', 'main table'],
  },
  'kaizhou-clerk': {
    'todo-clerk': ['/', 'main h1'],
    'record-new': ['/registers/fund/new', '#input-item'],
  },
  security: { accounts: ['/admin/accounts', 'main tbody tr'] },
  system: {
    settings: ['/admin/settings', 'main input'],
    jobs: ['/admin/jobs', 'main h1'],
    backups: ['/admin/backups', 'main h1'],
    health: ['/admin/health', 'main dd'],
  },
};

/** Whatever people should never be shown: objects, missing words, ids in a key, keys of messages. */
async function raw(page) {
  const text = await page.locator('body').innerText();
  return text.match(/\[object|undefined|\bNaN\b|\bnull\b|Invalid Date|[a-z]\|[a-z]|(?<!\w)\{[a-z_]+\}|\b(?:shell|board|figures|registers|record|imports|briefs|press|journal|admin|account|mechanism|todo)\.(?!toml\b)[a-z]\w+/g) ?? [];
}

/** What stands in the middle of English sentences as it is: who is at the desk, what a brief or a record is called. */
async function namesOf(login) {
  const ask = await site.as(login);
  const { account, may } = await ask('GET', '/session');
  if (!may.includes('brief')) return [account.name];
  const records = ['project', 'consumption'].map((register) => ask('GET', `/registers/${register}/records/1`));
  const said = (await Promise.all(records)).flatMap(({ values, place }) => [...Object.values(values), place]);
  const all = [account.name, ...(await ask('GET', '/briefs')).briefs.map((one) => one.name), ...said.filter((one) => one && /\p{Script=Han}/u.test(one))];
  // A name may hold another.
  return all.sort((a, b) => b.length - a.length);
}

/** Goes to a path and waits until what it is for is there. */
async function visit(page, path, there) {
  await page.goto(`${site.base}/desk${path}`);
  await page.locator(there).first().waitFor();
  await settled(page);
}

for (const [login, pages] of Object.entries(PAGES)) {
  test(`every page of ${login}`, async (t) => {
    const page = await site.desk(login);
    const names = await namesOf(login);
    for (const [name, [path, there]] of Object.entries(pages)) {
      await t.test(name, async () => {
        const spoken = (language) => `${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
        await visit(page, spoken('zh-CN'), there);
        await accessible(page, name);
        assert.deepEqual(await raw(page), [], name);
        await shoot(page, `real-${name}`);
        await visit(page, spoken('en'), there);
        assert.deepEqual(await raw(page), [], `${name} in English`);
        assert.deepEqual(await chinese(page, names), [], `${name} in English`);
        await shoot(page, `real-${name}-en`, { '': DESK });
      });
    }
  });
}

test('the login page', async () => {
  const page = await site.page('/desk/');
  await page.waitForURL(/\/desk\/login\?next/);
  await page.getByText('示例数据').waitFor();
  await accessible(page, 'login');
  await shoot(page, 'real-login');
});

test('the wall fills a screen of 1920 × 1080 and scrolls nowhere', async () => {
  const page = await site.desk('coordinator', '/board/wall', { size: WALL });
  await page.locator('.drawing svg path').first().waitFor();
  await page.getByText('7.5').first().waitFor();
  for (const number of ['144', '36.8', '4.24', '7400', '36891']) await page.getByText(number, { exact: true }).first().waitFor();
  await accessible(page, 'the wall');
  const room = await page.evaluate(() => {
    const all = document.documentElement;
    const cut = [...document.querySelectorAll('.field-box, .wall')].filter((box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1);
    return { down: all.scrollHeight - innerHeight, across: all.scrollWidth - innerWidth, cut: cut.length };
  });
  assert.deepEqual(room, { down: 0, across: 0, cut: 0 });
  await shoot(page, 'real-wall', { '': WALL });
});

test('the board on paper: all figures, the mark of illustrative data, nothing to click', async () => {
  const page = await site.desk('coordinator', '/board/print');
  await page.getByRole('heading', { name: '一盘棋 · 2021年上半年' }).waitFor();
  await page.locator('.drawing svg path').first().waitFor();
  assert.equal(await page.locator('article').count(), 32);
  await accessible(page, 'the print view');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('button', { name: '打印' }).isVisible(), false);
  assert.ok(await page.getByText('示例数据').first().isVisible());
  await page.screenshot({ path: join(OUTPUT, 'real-print.png'), fullPage: true });
  const pdf = await page.pdf({ path: join(OUTPUT, 'real-print.pdf'), preferCSSPageSize: true, printBackground: true });
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.ok(sheets <= 3, `${sheets} sheets`);
});

test('Chinese to English and back: where one looks stays in the address', async () => {
  const page = await site.desk('coordinator', '/figures?by=recipient&theme=industry');
  await page.getByRole('columnheader', { name: '万州' }).waitFor();
  const query = () => Object.fromEntries(new URL(page.url()).searchParams);
  const before = query();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('columnheader', { name: 'Wanzhou' }).waitFor();
  assert.deepEqual(query(), { ...before, lang: 'en' });
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  assert.deepEqual(await chinese(page, ['市级统筹']), []);
  await page.getByRole('link', { name: 'Registers', exact: true }).click();
  await page.getByRole('link', { name: 'Projects', exact: true }).click();
  await page.waitForURL(/registers\/project\?.*lang=en/);
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '项目台账' }).waitFor();
  assert.equal(query().lang, undefined);
});
