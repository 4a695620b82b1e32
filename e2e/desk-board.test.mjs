// Logging in, the board, the wall, figures down to their evidence, in Debian's Chromium; the API is
// made up, so that late answers, lost sessions and refusals come when a test wants them.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chinese, DESK, PHONE, WALL } from './lib/chromium.mjs';
import { launch, visit } from './mock/browser.mjs';
import { Problem, session } from './mock/desk.mjs';
import { figure, opened, routes } from './mock/figures.mjs';

const TITLES = { title: '账号或密码不对', title_en: 'Wrong account or password', detail: '请重新输入', detail_en: 'Try again' };
let browser, seen;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
afterEach(async () => {
  await seen?.close();
  seen = undefined;
});

async function open(path, more = {}, how = {}) {
  seen = await visit(browser, path, { ...routes, ...more }, how);
  return seen.page;
}

const text = (locator) => locator.innerText();

test('whoever is not logged in logs in, and comes where they wanted to go', async () => {
  let inside = false;
  const page = await open('/figures?q=资金', {
    'GET /api/v1/session': () => (inside ? session() : new Problem(401, 'Q4011')),
    'POST /api/v1/session': ({ body }) => {
      if (JSON.parse(body).password !== '对的密码') return new Problem(401, 'Q4012', TITLES);
      inside = true;
      return session();
    },
  });
  await page.getByRole('heading', { name: '登录' }).waitFor();
  assert.equal(decodeURIComponent(seen.query().next), '/figures?q=资金');
  await seen.accessible('the login page');
  await seen.shoot('login');
  await page.getByLabel('账号').fill('jiangjin-clerk');
  await page.getByLabel('密码', { exact: true }).fill('错的');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('账号或密码不对').waitFor();
  assert.equal(await page.getByLabel('密码', { exact: true }).inputValue(), '', 'a wrong password is not kept');
  await page.getByLabel('密码', { exact: true }).fill('对的密码');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: '下达对口帮扶资金' }).waitFor();
  assert.equal(seen.path(), '/figures');
  assert.deepEqual(seen.query(), { q: '资金' });
});

test('nobody is led out of the desk by an address that asks to', async () => {
  const page = await open('/login?next=//evil.example/', {
    'GET /api/v1/session': () => new Problem(401, 'Q4011'),
    'POST /api/v1/session': () => session(),
    'GET /api/v1/todo': { items: [] },
  });
  await page.getByLabel('账号').fill('a');
  await page.getByLabel('密码', { exact: true }).fill('b');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${seen.desk.base}/desk/`);
});

test('a password that must be changed comes before anything else', async () => {
  let must = true;
  const page = await open('/board', {
    'GET /api/v1/session': () => session({ must_change: must }),
    'POST /api/v1/session/password': ({ body }) => {
      if (JSON.parse(body).new.length < 10) {
        return new Problem(422, 'Q4231', { title: '新密码不合要求', errors: [{ code: 'short', message: '至少10位', message_en: '' }] });
      }
      must = false;
      return undefined;
    },
  });
  await page.getByText('请先修改密码').waitFor();
  assert.equal(await page.getByRole('navigation', { name: '主菜单' }).getByRole('link').count(), 0);
  await seen.accessible('the forced change of a password');
  await seen.shoot('password');
  const [old, next, again] = ['原密码', '新密码', '再输一次新密码'].map((label) => page.getByLabel(label, { exact: true }));
  await old.fill('一次性');
  await next.fill('短');
  await again.fill('长');
  await page.getByText('两次输入的新密码不一致').waitFor();
  await again.fill('短');
  await page.getByRole('button', { name: '修改密码' }).click();
  await page.getByText('至少10位').first().waitFor();
  await next.fill('Enough-of-it-2021');
  await again.fill('Enough-of-it-2021');
  await page.getByRole('button', { name: '修改密码' }).click();
  await page.getByRole('heading', { name: '一盘棋' }).waitFor();
});

test('the menu shows what one may do, and no more', async () => {
  const page = await open('/board', { 'GET /api/v1/session': () => session({ may: ['read'] }) });
  await page.getByRole('heading', { name: '一盘棋' }).waitFor();
  const menu = await page.getByRole('navigation', { name: '主菜单' }).getByRole('link').allInnerTexts();
  assert.ok(menu.includes('数字'), menu.join());
  assert.ok(!menu.includes('导入'), menu.join());
  assert.ok(!menu.includes('日志'), menu.join());
});

test('the board: figures, how they moved, who is missing, links, lights', async () => {
  const page = await open('/board');
  await page.getByRole('heading', { name: '综合' }).waitFor();
  const card = page.locator('article', { hasText: '下达对口帮扶资金' });
  assert.match(await text(card), /4\.24\s*亿元/);
  assert.match(await text(card), /较上期[\s\S]*增加[\s\S]*100\.0%/);
  assert.match(await text(card), /较上年同期[\s\S]*减少[\s\S]*50\.0%/);
  assert.match(await text(card), /14\/17/);
  assert.match(await text(page.locator('article', { hasText: '受益于消费帮扶' })), /未报/);
  assert.match(await text(page.locator('article', { hasText: '消费帮扶金额' })), /口径与本期不同/);
  const strip = page.locator('.coverage-strip');
  assert.match(await text(strip), /14\/17 已报/);
  assert.match(await text(strip), /城口、酉阳、彭水/);
  await page.getByText('待确认的结对').waitFor();
  await page.getByText('示意图，非行政区划').waitFor();
  assert.match(await text(page.getByRole('region', { name: '报送进度' }).or(page.locator('section', { hasText: '报送进度' })).first()), /连续两期未报\s*1/);
  await page.locator('.drawing svg path').first().waitFor();
  await seen.accessible('the board');
  await seen.shoot('board', { '': DESK, '-wide': { width: 1920, height: 1080 }, '-phone': PHONE });
});

test('a district, a line or a row of the table cuts everything, and the address says so', async () => {
  const page = await open('/board');
  await page.locator('.drawing svg path').first().waitFor();
  const regions = page.locator('.drawing svg path');
  assert.ok(await regions.count() > 13, 'districts and arcs are drawn');
  // 城口 lies at the top: the middle of its square on the drawing.
  const box = await page.locator('.drawing').boundingBox();
  await page.mouse.click(box.x + (box.width * 2.5) / 4, box.y + box.height * 0.1);
  await page.waitForURL(/recipient=chengkou/);
  await page.getByRole('button', { name: '看全部' }).click();
  await page.waitForURL((url) => !url.searchParams.has('recipient'));

  await page.getByText(/以表格查看/).click();
  await page.getByRole('row', { name: /江津区 开州区/ }).getByRole('button', { name: '只看这一对' }).click();
  await page.waitForURL(/supporter=jiangjin/);
  assert.deepEqual(seen.query(), { supporter: 'jiangjin', recipient: 'kaizhou' });
  await page.getByText('7个').first().waitFor();
  const asked = (await seen.desk.of('GET /api/v1/board')).at(-1).query;
  assert.deepEqual(asked, { supporter: 'jiangjin', recipient: 'kaizhou' });
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has('supporter'));
});

test('the width of the lines is a figure of choice; period and moment are in the address', async () => {
  const page = await open('/board');
  await page.getByLabel('线宽表示').selectOption({ label: '累计下达对口帮扶项目' });
  await page.waitForURL(/width=PRJ-N-ISSUED/);
  await page.getByLabel('报送期').selectOption({ label: '2021年第2季度' });
  await page.waitForURL(/period=2021Q2/);
  await page.getByLabel('时点').fill('2021-07-01');
  await page.waitForURL(/as_of=2021-07-01/);
  await page.getByText('正在查看 2021-07-01 时点的数据').waitFor();
  await page.getByRole('link', { name: '数字', exact: true }).click();
  await page.getByRole('heading', { name: '数字' }).waitFor();
  assert.deepEqual(seen.query(), { period: '2021Q2', as_of: '2021-07-01' });
  await page.getByRole('button', { name: '回到当前' }).click();
  await page.waitForURL((url) => !url.searchParams.has('as_of'));
});

test('the wall fills its screen, scrolls nowhere, and fetches itself again', async () => {
  let wrong = false;
  const page = await open('/board/wall?every=30', {
    'GET /api/v1/board': (asked) => (wrong ? new Problem(503, 'Q5031') : routes['GET /api/v1/board'](asked)),
  }, { size: WALL, clock: new Date('2021-07-05T02:00:00Z') });
  await page.getByText('7.5').first().waitFor();
  await page.locator('.drawing svg path').first().waitFor();
  await seen.accessible('the wall');
  for (const [name, size] of [['wall', WALL], ['wall-small', DESK]]) {
    await page.setViewportSize(size);
    const room = await page.evaluate(() => {
      const all = document.documentElement;
      const cut = [...document.querySelectorAll('.field-box, .wall')].filter((box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1);
      return { down: all.scrollHeight - innerHeight, across: all.scrollWidth - innerWidth, cut: cut.length };
    });
    assert.deepEqual(room, { down: 0, across: 0, cut: 0 }, name);
    await page.screenshot({ path: new URL(`output/desk-${name}.png`, import.meta.url).pathname });
  }
  const before = (await seen.desk.of('GET /api/v1/board')).length;
  await page.clock.runFor(31_000);
  assert.equal((await seen.desk.of('GET /api/v1/board', before + 1)).length, before + 1);
  await page.getByText('更新于').waitFor();
  wrong = true;
  await page.clock.runFor(31_000);
  await page.getByText('未能更新').waitFor();
  await page.getByText('7.5').first().waitFor();
});

test('the board on paper', async () => {
  const page = await open('/board/print');
  await page.getByRole('heading', { name: '一盘棋 · 2021年上半年' }).waitFor();
  await page.locator('.drawing svg path').first().waitFor();
  await seen.accessible('the print view');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('button', { name: '打印' }).isVisible(), false);
  await page.screenshot({ path: new URL('output/desk-print.png', import.meta.url).pathname, fullPage: true });
});

test('figures: searched, cut, each part opening its own card', async () => {
  const page = await open('/figures');
  await page.getByText('8项指标').waitFor();
  await page.locator('.spark').first().waitFor();
  await seen.accessible('the list of figures');
  await seen.shoot('figures');
  await page.getByRole('searchbox').fill('con-');
  await page.getByText('3项指标').waitFor();
  await page.getByRole('searchbox').fill('没有这样的');
  await page.getByText('没有符合条件的指标').waitFor();
  await page.getByRole('button', { name: '清除条件' }).click();
  await page.getByLabel('切分').selectOption({ label: '按结对关系' });
  await page.getByRole('columnheader', { name: /江津\s*→ 开州/ }).waitFor();
  await seen.shoot('figures-cut');
  const row = page.getByRole('row', { name: /累计下达对口帮扶项目/ });
  await row.getByRole('link').nth(1).click();
  await page.getByRole('heading', { name: '累计下达对口帮扶项目' }).waitFor();
  assert.equal(seen.path(), '/figures/PRJ-N-ISSUED');
  assert.deepEqual(seen.query(), { supporter: 'jiangjin', recipient: 'kaizhou' });
  const asked = (await seen.desk.of('GET /api/v1/figures/PRJ-N-ISSUED', 1)).at(-1).query;
  assert.deepEqual([asked.by, asked.cut], ['link', 'jiangjin,kaizhou']);
});

test('a figure opens down to its definitions, rows, revisions and evidence', async () => {
  const page = await open('/figures/PRJ-N-ISSUED', {
    [`GET /api/v1/files/${'cd'.repeat(32)}`]: (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Disposition': "attachment; filename=\"x.bin\"; filename*=UTF-8''%E9%AA%8C%E6%94%B6%E5%8D%95.pdf" });
      response.end('PDF');
    },
  });
  await page.getByText('119行计入，共120行').waitFor();
  await page.locator('.drawing svg text').first().waitFor();
  await page.getByText('第2种数法').waitFor();
  await page.getByText('本期所用').waitFor();
  await page.getByText('下达年度计划项目').waitFor();
  await page.getByText('另有未确认 3个').waitFor();
  await seen.accessible('the card of a figure');
  await seen.shoot('figure');
  assert.equal(await page.getByText('不计入').count(), 1);

  await page.getByRole('button', { name: '修订与佐证' }).first().click();
  await page.getByText('改正总投资').waitFor();
  assert.match(await text(page.locator('.trace')), /总投资：900,000[\s\S]*→ 1,000,001/);
  await seen.accessible('a row traced');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '验收单.pdf' }).click()]);
  assert.equal(file.suggestedFilename(), '验收单.pdf');
  assert.deepEqual((await seen.desk.of(`GET /api/v1/files/${'cd'.repeat(32)}`, 1))[0].query, { entry: '11' });

  await page.getByRole('button', { name: '下一页' }).click();
  await page.waitForURL(/from=50/);
  await page.getByText('第51–100行，共120行').waitFor();
  await page.getByText('查询语句').click();
  await page.getByText('SELECT COUNT(*)').waitFor();
});

test('loading, slow, refused, absent, failed: each is said, none is a blank page', async () => {
  const states = { 403: '您没有这项权限', 404: '没有找到', 500: '服务器出错' };
  for (const [status, words] of Object.entries(states)) {
    const page = await open('/figures/PRJ-N-ISSUED', {
      'GET /api/v1/figures/PRJ-N-ISSUED': () => new Problem(Number(status), `Q${status}1`, { title: '服务器出错', detail: '细节' }),
    });
    await page.getByText(words).first().waitFor();
    await page.getByText(`Q${status}1`).first().waitFor();
    await seen.close();
  }
  let answer;
  const late = new Promise((resolve) => { answer = resolve; });
  const page = await open('/figures/PRJ-N-ISSUED', {
    'GET /api/v1/figures/PRJ-N-ISSUED': async (asked) => {
      await late;
      return opened('PRJ-N-ISSUED')(asked);
    },
  });
  await page.getByText('正在载入').first().waitFor();
  await page.getByText('比平时久').first().waitFor();
  answer();
  await page.getByText('119行计入').waitFor();
});

test('an answer that comes too late does not take the place of a newer one', async () => {
  let answer;
  const late = new Promise((resolve) => { answer = resolve; });
  const page = await open('/figures?q=项目', {
    'GET /api/v1/figures': async ({ url }) => {
      const old = url.searchParams.get('period') === '2021Q1';
      if (old) await late;
      return [figure('PRJ-N-ISSUED', { display: old ? '1个' : '2个' })];
    },
  });
  await page.getByText('2个', { exact: false }).first().waitFor();
  await page.getByLabel('报送期').selectOption('2021Q1');
  await page.waitForURL(/2021Q1/);
  await page.getByLabel('报送期').selectOption('2021Q2');
  await page.waitForURL(/2021Q2/);
  answer();
  await sleep(300);
  assert.match(await text(page.locator('tbody').first()), /2\s*个/);
});

test('a session that ends in the middle of a form loses nothing', async () => {
  let inside = true;
  const made = [];
  const page = await open('/account', {
    'GET /api/v1/sessions': { sessions: [] },
    'GET /api/v1/tokens': { tokens: [] },
    'POST /api/v1/tokens': ({ body }) => {
      if (!inside) return new Problem(401, 'Q4011');
      made.push(JSON.parse(body));
      return { id: '1', name: 'x', actions: null, machine: false, created: '', expires: '', used: null, secret: 'qp_shown-once' };
    },
    'POST /api/v1/session': ({ body }) => {
      if (JSON.parse(body).password !== '对的密码') return new Problem(401, 'Q4012', TITLES);
      inside = true;
      return session();
    },
  });
  await page.getByRole('button', { name: '新建令牌' }).click();
  await page.getByLabel('名称').fill('统计局取数');
  await page.getByLabel('有效天数').fill('30');
  inside = false;
  await page.getByRole('button', { name: '创建', exact: true }).click();
  const again = page.getByRole('dialog', { name: '登录已过期' });
  await again.waitFor();
  await seen.accessible('logging in again');
  await seen.shoot('again', { '': DESK });
  assert.equal(await page.getByLabel('名称').inputValue(), '统计局取数');
  await again.getByLabel('密码').fill('错的');
  await page.keyboard.press('Enter');
  await again.getByText('账号或密码不对').waitFor();
  await again.getByLabel('密码').fill('对的密码');
  await page.keyboard.press('Enter');
  await page.getByText('qp_shown-once').waitFor();
  assert.deepEqual(made, [{ name: '统计局取数', expires_days: 30, actions: null }]);
});

test('by keyboard: past the menu, along the menu, the list of keys, and without them', async () => {
  const page = await open('/board');
  await page.getByRole('heading', { name: '综合' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await text(page.locator(':focus')), '跳到正文');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: '快捷键' }).waitFor();
  await page.getByLabel('启用单键快捷键').uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: '快捷键' }).waitFor({ state: 'hidden' });
  await page.keyboard.type('gf');
  await sleep(200);
  assert.equal(seen.path(), '/board', 'turned off, keys do nothing');
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.getByRole('heading', { name: '综合' }).waitFor();
  await page.keyboard.type('gf');
  await page.getByRole('heading', { name: '数字' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('gb');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'gb', 'what is typed into a field is no shortcut');
});

test('in English, all of it', async () => {
  const page = await open('/board');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Board', exact: true }).waitFor();
  assert.equal(seen.query().lang, 'en');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.getByText('m yuan').first().waitFor();
  await page.locator('.drawing svg path').first().waitFor();
  assert.deepEqual(await chinese(page, ['江津填报人']), []);
  await seen.shoot('english');
  await page.getByRole('link', { name: 'Figures', exact: true }).click();
  await page.getByText('8 indicators').waitFor();
  assert.equal(seen.query().lang, 'en');
  assert.deepEqual(await chinese(page, ['江津填报人']), []);
});
