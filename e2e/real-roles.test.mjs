// Each role's day at the desk, on the real server: from the login to what it came for, and what it
// is not shown.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { downloaded, enter, start } from './real/server.mjs';

let site;

before(async () => { site = await start(); });
afterEach(() => site.done());
after(() => site?.stop());

const menuOf = async (page) => {
  await page.getByRole('navigation', { name: '主菜单' }).getByRole('link').first().waitFor();
  return page.getByRole('navigation', { name: '主菜单' }).getByRole('link').allInnerTexts();
};
const toast = (page, words) => page.locator('.el-message', { hasText: words }).first().waitFor();

/** Goes by the menu. */
const go = (page, name) => page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name, exact: true }).click();

/** Chooses a unit in a form by some of its name. */
async function choose(page, field, words, name) {
  await page.locator(`#input-${field}`).click();
  await page.keyboard.type(words);
  await page.getByRole('option', { name, exact: true }).click();
}

/** A figure of the half-year as the server prints it for somebody. */
async function figure(ask, indicator) {
  const all = await ask('GET', '/figures?period=2021H1');
  return all.find((one) => one.indicator === indicator);
}

test('a fact: entered by one side in the form of the pack, confirmed by the other, then counted', async () => {
  const county = await site.as('kaizhou-clerk');
  const before = await figure(county, 'FND-V-ISSUED');
  const page = await site.desk('kaizhou-clerk');
  await page.getByRole('heading', { name: '我的工作' }).waitFor();
  await page.getByRole('link', { name: '登记一条记录' }).click();
  await page.getByRole('link', { name: '资金台账', exact: true }).click();
  await page.getByRole('link', { name: /新增/ }).click();
  await page.locator('#input-year').fill('2021');
  await choose(page, 'supporter', '江津', '江津区');
  await choose(page, 'recipient', '开州', '开州区');
  await page.locator('#input-item').fill('开州区便民服务中心改造');
  // Money is typed as people write it and said back.
  await page.locator('#input-agreed').fill('200');
  await page.locator('#input-issued').fill('250万');
  await page.locator('#field-issued').getByText('=250万元').waitFor();
  await page.locator('#input-issued_date').fill('2021-05-20');
  // A rule of the pack speaks while it is typed; a derived field is computed on the server.
  await page.locator('main').getByText('下达额大于协议额').first().waitFor();
  await page.locator('#input-agreed').fill('300');
  await page.locator('.problems', { hasText: '下达额大于协议额' }).waitFor({ state: 'detached' });
  await page.locator('#input-received').fill('100');
  await page.locator('#input-received_date').fill('2021-06-01');
  await page.locator('#input-receipt').fill('HD-001');
  await page.locator('#input-spent').fill('40');
  await page.locator('output#input-balance', { hasText: '60' }).waitFor();
  assert.equal(await page.getByLabel('双方确认').inputValue(), 'pending', 'what one side states waits for the other');
  await page.getByRole('button', { name: '保存' }).click();
  await toast(page, '已登记');
  await page.getByRole('heading', { level: 1, name: /便民服务中心改造/ }).waitFor();
  await page.getByText('待确认').first().waitFor();
  assert.equal(await page.getByRole('button', { name: '确认一致' }).count(), 0, 'nobody confirms their own');
  await page.getByRole('tab', { name: /历史/ }).click();
  await page.getByRole('tabpanel').getByText('开州区填报').waitFor();
  const address = new URL(page.url()).pathname;

  await page.getByRole('link', { name: '资金台账' }).click();
  await page.getByRole('searchbox').fill('便民服务中心改造');
  await page.getByRole('row', { name: /便民服务中心改造/ }).getByText('待确认').waitFor();
  assert.equal((await figure(county, 'FND-V-ISSUED')).value, before.value, 'not counted yet');

  // The other side finds it among its work and denies it first.
  const other = await site.desk('jiangjin-clerk');
  await other.getByRole('heading', { name: /资金台账：1条双方未一致/ }).getByRole('link').click();
  await other.getByRole('row', { name: /便民服务中心改造/ }).click();
  await other.waitForURL((url) => url.pathname === address);
  await other.getByRole('button', { name: '提出异议' }).click();
  await other.getByRole('dialog').getByRole('textbox').fill('到位日期应为6月3日');
  await other.getByRole('dialog').getByRole('button', { name: '提出异议' }).click();
  await toast(other, '已提出异议');

  // The reviewer of the county mends it and asks again.
  const reviewer = await site.desk('kaizhou-reviewer', address.replace('/desk', ''));
  await reviewer.getByText('有异议，暂不计入数字').waitFor();
  await reviewer.locator('#input-received_date').fill('2021-06-03');
  await reviewer.getByLabel('修改事由').fill('按回单更正');
  await reviewer.getByRole('button', { name: /^保存/ }).click();
  await toast(reviewer, '已保存，第 3 版');
  await reviewer.getByRole('button', { name: '请重新确认' }).click();
  await reviewer.getByRole('dialog').getByRole('textbox').fill('到位日期已按回单更正');
  await reviewer.getByRole('dialog').getByRole('button', { name: '请重新确认' }).click();
  await toast(reviewer, '已请重新确认');

  await other.reload();
  await other.getByRole('button', { name: '确认一致' }).click();
  await toast(other, '已确认');
  await other.getByText('双方一致，已计入数字').waitFor();
  const after = await figure(county, 'FND-V-ISSUED');
  assert.equal(after.value - before.value, 2_500_000);
  await other.getByRole('tab', { name: '历史（5）' }).click();
  for (const who of ['开州区填报', '开州区审核', '江津区填报']) await other.getByRole('tabpanel').getByText(who).first().waitFor();
});

test('clerk: what the account may not do is not there', async () => {
  const page = await site.desk('kaizhou-clerk');
  const menu = await menuOf(page);
  for (const item of ['台账', '导入', '数字', '一盘棋']) assert.ok(menu.includes(item), `${item} of ${menu}`);
  for (const item of ['日志', '管理', '简报']) assert.ok(!menu.includes(item), `${item} of ${menu}`);
  // A record of others is as if it were not there; a page without leave says so.
  const all = await site.as('coordinator');
  const { records: [foreign] } = await all('GET', '/registers/project/records?supporter=bishan&limit=1');
  await page.goto(`${site.base}/desk/registers/project/${foreign.record}`);
  await page.getByText('没有找到').waitFor();
  await page.goto(`${site.base}/desk/journal`);
  await page.getByText('您没有这项权限').waitFor();
});

test('leader: reads the unit’s figures and briefs, and can change nothing', async () => {
  const page = await site.desk('jiangjin-leader', '/board');
  const own = await figure(await site.as('jiangjin-leader'), 'PRJ-N-ISSUED');
  await page.locator('article', { hasText: '累计下达对口帮扶项目' }).getByText(String(own.value), { exact: true }).waitFor();
  assert.ok(own.value > 0 && own.value < 144, 'a part of the whole');
  await go(page, '简报');
  await page.getByText('您只能查看江津区有关的结对关系').waitFor();
  await page.frameLocator('iframe').getByText('江津').first().waitFor();
  await go(page, '台账');
  await page.getByRole('link', { name: '项目台账', exact: true }).click();
  await page.getByRole('row').nth(2).waitFor();
  assert.equal(await page.getByRole('link', { name: /新增/ }).count(), 0);
  await page.locator('[role=row][aria-rowindex="3"]').click();
  await page.getByText('您可以查看此记录，不能修改').waitFor();
  assert.equal(await page.getByRole('button', { name: /保存|撤回|确认一致/ }).count(), 0);
});

test('municipal coordinator: the board of the published numbers, the brief looked at and taken away', async () => {
  const page = await site.desk('coordinator', '/board');
  const told = { 累计下达对口帮扶项目: /144\s*个/, 下达项目总投资: /7\.5\s*亿元/, 下达对口帮扶资金: /亿元/, 开工率: /36\.8\s*%/, 消费帮扶金额: /7400\s*余万元/, 提供就业岗位: /36891/ };
  for (const [name, number] of Object.entries(told)) {
    assert.match(await page.locator('article').filter({ has: page.getByRole('heading', { name, exact: true }) }).innerText(), number, name);
  }
  assert.equal(await page.locator('article').count(), 32);
  await page.locator('.coverage-strip').getByText('18/18 已报').waitFor();
  await go(page, '简报');
  const paper = page.frameLocator('iframe');
  await paper.getByText('144个').first().waitFor();
  await paper.getByText('36.8%').first().waitFor();
  const { name, bytes } = await downloaded(page, () => page.getByRole('button', { name: /Word/ }).click());
  assert.match(name, /2021H1.*\.docx$/);
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(bytes.length > 5000, `${bytes.length} bytes`);
  // A text with one changed number has one contradiction, which opens its figure.
  await go(page, '新闻核数');
  await page.getByLabel('文稿').fill('今年上半年，累计下达对口帮扶项目144个、总投资7.6亿元，开工率36.8%。');
  await page.getByRole('button', { name: '核对', exact: true }).click();
  const text = page.getByRole('region', { name: '标注后的文稿' });
  await text.locator('.claim').first().waitFor();
  assert.deepEqual(await text.locator('.claim').evaluateAll((all) => all.map((one) => one.className.replace('claim ', ''))), ['confirmed', 'contradicted', 'confirmed']);
  await text.locator('.contradicted').click();
  await page.getByRole('region', { name: '数字清单' }).locator('[aria-current=true] a').click();
  await page.waitForURL(/figures\/PRJ-V-TOTAL/);
});

test('line department: its registers of all units, and no other', async () => {
  const page = await site.desk('commerce', '/registers');
  await page.getByRole('link', { name: '消费帮扶台账', exact: true }).waitFor();
  assert.deepEqual(await page.locator('main li.box a').allInnerTexts(), ['消费帮扶台账', '产销对接台账']);
  const ask = await site.as('commerce');
  const { total } = await ask('GET', '/registers/consumption/records?limit=1');
  await page.getByRole('link', { name: '消费帮扶台账', exact: true }).click();
  await page.getByText(`共 ${total} 条`).waitFor();
  await page.goto(`${site.base}/desk/registers/project`);
  await page.getByText('没有找到').waitFor();
  await page.goto(`${site.base}/desk/figures/CON-V`);
  await page.locator('.big').getByText('7400').waitFor();
  await page.goto(`${site.base}/desk/figures/PRJ-N-ISSUED`);
  await page.locator('main').getByText(/没有找到|未报/).first().waitFor();
});

test('auditor: reads everything, searches and verifies the journal, is offered no change', async () => {
  const page = await site.desk('auditor', '/journal');
  const ask = await site.as('auditor');
  await page.getByLabel('操作', { exact: true }).fill('import');
  await page.getByRole('button', { name: '搜索' }).click();
  await page.waitForURL(/action=import/);
  const { entries } = await ask('GET', '/journal?action=import&limit=1');
  await page.getByRole('button', { name: `查看第 ${entries[0].seq} 条` }).click();
  await page.getByRole('dialog').getByText(entries[0].hash).waitFor();
  await page.keyboard.press('Escape');
  const file = await downloaded(page, () => page.getByRole('button', { name: '下载' }).click());
  assert.match(file.name, /^journal-\d+\.ndjson$/);
  const lines = file.bytes.toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 1 && lines.every((line) => line.action === 'import'));
  const { entries: [noted] } = await ask('GET', '/journal?action=export&limit=1');
  assert.equal(noted.actor, 'auditor', 'what is taken along is noted');
  await page.getByRole('button', { name: '开始核验' }).click();
  await page.getByText(/全部相符，共 \d+ 条/).waitFor();

  assert.ok(!(await menuOf(page)).includes('管理'));
  await go(page, '台账');
  await page.getByRole('link', { name: '项目台账', exact: true }).click();
  const { total } = await ask('GET', '/registers/project/records?limit=1');
  assert.equal(total, 154);
  await page.getByText('共 154 条').waitFor();
  const offers = /新增|导入|保存|撤回|批量|修改|无变化|恢复到|选择文件|确认一致|裁定/;
  for (const role of ['link', 'button']) assert.equal(await page.locator('main').getByRole(role, { name: offers }).count(), 0);
  await page.locator('[role=row][aria-rowindex="3"]').click();
  for (const tab of [/佐证/, /历史/, /内容/]) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel').first().waitFor();
    assert.equal(await page.locator('main').getByRole('button', { name: offers }).count(), 0, String(tab));
    assert.equal(await page.locator('main input:not([type=search]):not([type=date])').count(), 0, String(tab));
  }
  await page.goto(`${site.base}/desk/registers/project/new`);
  await page.getByText('您没有这项权限').waitFor();
});

test('security officer: an account made, its password changed at the first login, locked after wrong ones', async () => {
  const page = await site.desk('security');
  await page.getByRole('heading', { name: '我的工作' }).waitFor();
  assert.deepEqual(await menuOf(page), ['待办', '机制', '管理']);
  await go(page, '管理');
  await page.getByRole('button', { name: /新建账号/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: '账号' }).fill('wanzhou.clerk');
  await dialog.getByRole('textbox', { name: '姓名' }).fill('万州区填报');
  await dialog.locator('#account-unit').click();
  await page.keyboard.type('万州');
  await page.getByRole('option', { name: '万州区', exact: true }).click();
  await dialog.locator('#role-clerk').check();
  assert.ok(await dialog.locator('#role-auditor').isDisabled(), 'three offices apart');
  await dialog.getByRole('button', { name: '保存' }).click();
  const shown = page.getByRole('dialog', { name: /临时密码/ });
  const once = (await shown.locator('code').innerText()).trim();
  await shown.getByRole('button', { name: '已记下' }).click();
  await page.getByRole('row', { name: /wanzhou\.clerk/ }).getByText('须改密码').waitFor();

  const clerk = await site.desk('wanzhou.clerk', '/registers', { password: once });
  await clerk.waitForURL(/\/account/);
  await clerk.getByText('请先修改密码').waitFor();
  await clerk.getByLabel('原密码', { exact: true }).fill(once);
  for (const label of ['新密码', '再输一次新密码']) await clerk.getByLabel(label, { exact: true }).fill('Changjiang-2021');
  await clerk.getByRole('button', { name: '修改密码' }).click();
  await clerk.waitForURL(/\/registers/);
  await clerk.getByRole('link', { name: '项目台账', exact: true }).waitFor();

  const stranger = await site.page('/desk/login');
  for (let times = 0; times < 5; times += 1) {
    await enter(stranger, 'wanzhou.clerk', `Wrong-guess-${times}`);
    await stranger.getByRole('alert').waitFor();
    await stranger.waitForFunction(() => document.querySelector('[autocomplete=current-password]').value === '');
  }
  await stranger.getByRole('button', { name: /请等 \d+ 秒再试/ }).waitFor();
  await page.goto(`${site.base}/desk/`);
  await page.getByText('账号“wanzhou.clerk”已锁定').click();
  const row = page.getByRole('row', { name: /wanzhou\.clerk/ });
  await row.getByText('已锁定').waitFor();
  await row.getByRole('button', { name: '解锁' }).click();
  await toast(page, '已解锁');
  await row.getByRole('button', { name: '停用' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await row.getByText('已停用').waitFor();
});

test('system officer: settings, health, a backup; no business data', async () => {
  const page = await site.desk('system');
  assert.deepEqual(await menuOf(page), ['待办', '机制', '管理']);
  await go(page, '管理');
  await page.getByRole('link', { name: '设置' }).click();
  const idle = page.getByLabel('无操作多少分钟后退出登录');
  assert.equal(await idle.inputValue(), '30');
  await idle.fill('1');
  assert.ok(await page.getByRole('button', { name: '保存' }).isDisabled());
  await idle.fill('20');
  await page.getByRole('button', { name: '保存' }).click();
  await toast(page, '设置已保存');
  await page.reload();
  assert.equal(await idle.inputValue(), '20');
  await page.getByRole('link', { name: '运行状况' }).click();
  await page.getByText(/sqlite 3/).waitFor();
  await page.getByText(/chongqing/).waitFor();
  await page.getByRole('link', { name: '备份' }).click();
  await page.getByRole('button', { name: '立即备份' }).click();
  await toast(page, '备份完成');
  await page.getByRole('region', { name: '备份' }).getByRole('row').nth(1).waitFor();
  await page.goto(`${site.base}/desk/registers/project`);
  await page.getByText('您没有这项权限').first().waitFor();
  await page.goto(`${site.base}/desk/board`);
  await page.getByText('您没有这项权限').first().waitFor();
});
