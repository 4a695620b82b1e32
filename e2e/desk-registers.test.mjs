// Registers, records, journal and administration in Debian's Chromium, against an API that lives in
// memory: two people at one record, a session that ends in the middle of a form, a million rows.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { accessible, DESK, fits, OUTPUT, PHONE } from './lib/chromium.mjs';
import { pdf, png } from './lib/files.mjs';
import { settled, until } from './lib/settled.mjs';
import { launch, watched } from './mock/browser.mjs';
import { desk as serve, fresh, write } from './mock/registers.mjs';

const OFFICER = ['read', 'journal', 'verify', 'accounts', 'system', 'export'];

let browser, desk, page, state;
const faults = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
afterEach(async () => {
  await page?.context().close();
  await desk?.close();
  assert.deepEqual(faults.splice(0), []);
});

async function open(path, { size = DESK, ...changes } = {}) {
  state = Object.assign(fresh(), changes);
  desk = await serve(state);
  page = await watched(browser, desk.base, faults, size);
  page.setDefaultTimeout(10_000);
  await page.goto(`${desk.base}/desk${path}`);
  return page;
}

/** A picture to be looked at, at both widths; neither may scroll sideways, both must be accessible. */
async function shoot(name, sizes = [['', DESK], ['-phone', PHONE]]) {
  for (const [label, size] of sizes) {
    await page.setViewportSize(size);
    await settled(page);
    await fits(page, `${name}${label}`);
    // What the bar at the foot covers for now is not too small for that.
    await page.setViewportSize({ ...size, height: 4000 });
    await accessible(page, `${name}${label}`);
    await page.setViewportSize(size);
    await page.screenshot({ path: join(OUTPUT, `desk-${name}${label}.png`) });
  }
  await page.setViewportSize(DESK);
}

const toast = (words) => page.locator('.el-message', { hasText: words }).waitFor();
const asked = (start) => state.requests.filter((one) => one.startsWith(start));
const row = (nth) => page.locator(`[role="row"][aria-rowindex="${nth + 2}"]`);

test('a register of a million records scrolls without a stall, and far rows are found', async () => {
  await open('/registers/project', { count: 1_000_000 });
  await row(0).getByText('SL2021-1000000').waitFor();
  // How long a turn of the wheel takes, `make bench` measures.
  await page.mouse.move(600, 500);
  for (let turn = 0; turn < 60; turn += 1) await page.mouse.wheel(0, 400);
  await page.waitForFunction(() => document.querySelector('[role="grid"]').scrollTop > 20_000);
  const drawn = await page.locator('[role="row"]').count();
  assert.ok(drawn < 60, `${drawn} rows are drawn`);
  // The thumb is dragged a twentieth of the way.
  await page.locator('[role="grid"]').evaluate((grid) => { grid.scrollTop = grid.scrollHeight / 20; });
  await page.waitForFunction(() => /SL2021-95\d{4}|SL2021-949\d{3}/.test(document.querySelector('.window')?.textContent ?? ''), null, { timeout: 20_000 });
  assert.ok(asked('GET /api/v1/registers/project/records?').some((one) => /limit=1000/.test(one) && /fields=code/.test(one)));
  // And from there to the end, as the keyboard goes.
  await page.locator('[role="grid"]').focus();
  await page.keyboard.press('Control+Home');
  await row(0).getByText('SL2021-1000000').waitFor();
});

test('a list lives in its address: filters, sort, columns, search, as it was after a reload', async () => {
  await open('/registers/project');
  await row(0).waitFor();
  await shoot('list');
  await page.keyboard.press('/');
  await page.keyboard.type('开州');
  await page.waitForURL(/q=/);
  await page.getByText(/共 \d+ 条/).waitFor();
  await page.getByRole('button', { name: '筛选', exact: true }).click();
  await page.getByLabel('添加条件').selectOption('fund');
  await page.getByLabel('其中：对口帮扶资金：起').fill('100');
  await page.getByLabel('其中：对口帮扶资金：起').press('Enter');
  await page.waitForURL(/f\.fund=1000000\.\./);
  await page.waitForFunction(() => document.querySelector('[role="grid"]'));
  const where = () => new URL(`http://x/${asked('GET /api/v1/registers/project/records').at(-1).slice(4)}`).searchParams;
  await page.locator('[role="columnheader"]', { hasText: '项目编号' }).getByRole('button').click();
  await page.waitForURL(/sort=code/);
  await until(() => where().get('sort') === 'code', 'the sorted list');
  assert.deepEqual([where().get('q'), where().get('where')], ['开州', 'fund >= 1000000']);
  await page.getByRole('button', { name: '栏目', exact: true }).click();
  await page.getByRole('button', { name: '主要栏目' }).click();
  await page.keyboard.press('Escape');
  const heads = await page.locator('.labels [role="columnheader"]').allTextContents();
  await page.reload();
  await row(0).waitFor();
  assert.deepEqual(await page.locator('.labels [role="columnheader"]').allTextContents(), heads);
  assert.ok(heads.length < 12);
  assert.equal(await page.getByLabel('其中：对口帮扶资金：起').inputValue(), '100');
  assert.equal(await page.locator('[aria-sort="ascending"]').count(), 1);
  // Saved, cleared, opened again.
  await page.getByRole('button', { name: /常用视图/ }).click();
  await page.getByRole('button', { name: /保存当前视图/ }).click();
  await page.getByLabel('视图名称').fill('开州百万以上');
  await page.keyboard.press('Enter');
  await toast('视图已保存');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '清除条件' }).click();
  await page.waitForURL((url) => !url.search.includes('fund='));
  await page.getByRole('button', { name: /常用视图|开州百万以上/ }).first().click();
  await page.getByRole('button', { name: '开州百万以上', exact: true }).last().click();
  await page.waitForURL(/f\.fund=1000000\.\..*view=1|view=1.*f\.fund/);
  await shoot('list-narrowed', [['', DESK]]);
});

test('a faulty expression is shown at its place', async () => {
  await open('/registers/project');
  await row(0).waitFor();
  await page.getByRole('button', { name: '筛选', exact: true }).click();
  await page.getByLabel('用表达式').check();
  await page.getByRole('textbox', { name: '表达式' }).fill("status == '已开工' && faulty > 1");
  await page.getByRole('textbox', { name: '表达式' }).press('Enter');
  await page.getByText('没有“faulty”这个字段').waitFor();
  assert.equal(await page.locator('pre mark').textContent(), 'faulty');
  await page.getByRole('button', { name: /没有“faulty”/ }).click();
  const chosen = await page.getByRole('textbox', { name: '表达式' }).evaluate((box) => box.value.slice(box.selectionStart, box.selectionEnd));
  assert.equal(chosen, 'faulty');
  await shoot('list-faulty', [['', DESK]]);
});

test('the keyboard walks the list, opens a record and goes back', async () => {
  await open('/registers/project');
  await row(0).waitFor();
  await page.keyboard.press('l');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', ' ', 'ArrowDown', 'Shift+ ']) await page.keyboard.press(key);
  await page.getByText('已选 2 条').waitFor();
  assert.equal(await page.locator('[aria-selected="true"]').count(), 2);
  await page.keyboard.press('Enter');
  await page.waitForURL(/registers\/project\/237/);
  await page.getByRole('heading', { level: 1 }).filter({ hasText: '237号' }).waitFor();
  await page.keyboard.press('u');
  await page.waitForURL(/registers\/project$/);
  await row(0).waitFor();
  await page.keyboard.press('n');
  await page.waitForURL(/registers\/project\/new/);
});

test('several records are changed together, with a reason', async () => {
  await open('/registers/project');
  await row(0).locator('input').click();
  await row(2).locator('input').click({ modifiers: ['Shift'] });
  await page.getByRole('button', { name: '批量修改' }).click();
  await page.getByLabel('选择要改的栏目').selectOption('status');
  await page.locator('#bulk-status').selectOption('已完工');
  await page.getByRole('button', { name: '修改 3 条' }).click();
  await page.getByText('请写明事由').waitFor();
  await shoot('bulk', [['', DESK]]);
  await page.getByLabel('事由').fill('集中核对');
  await page.getByRole('button', { name: '修改 3 条' }).click();
  await toast('已修改 3 条');
  assert.deepEqual([...state.written.keys()], [240, 239, 238]);
  assert.equal(state.written.get(239).values.status, '已完工');
});

test('a record is changed: rules speak while it is typed, money is said back, a reason is asked for', async () => {
  await open('/registers/project/200');
  const fund = page.locator('#input-fund');
  await fund.fill('4.24亿');
  await page.locator('#field-fund').getByText('=4.24亿元').waitFor();
  await page.locator('#field-fund').getByText('对口帮扶资金大于总投资').waitFor();
  await fund.blur();
  assert.equal(await fund.inputValue(), '42400');
  await shoot('record-problem');
  await page.keyboard.press('Control+s');
  await page.getByText('请写明事由').waitFor();
  await page.getByLabel('修改事由').fill('七月月报');
  await page.keyboard.press('Enter');
  // The server has the last word, at the field.
  await page.waitForFunction(() => document.activeElement?.id === 'input-fund');
  assert.equal(state.written.size, 0);
  await fund.fill('200');
  await page.locator('#input-done_investment').fill('213.65');
  await page.locator('#input-rate').getByText('50').waitFor();
  await page.getByRole('button', { name: /改了 2 项/ }).click();
  await toast('已保存，第 2 版');
  const saved = state.written.get(200);
  assert.deepEqual([saved.values.fund, saved.values.done_investment, saved.rev], [2_000_000, 2_136_500, 2]);
  assert.equal(state.history.get(200).at(-1).reason, '七月月报');
  assert.equal(await page.getByText('有未保存的内容').count(), 0);
});

test('what is no number stays in its box and is not saved', async () => {
  await open('/registers/project/200');
  await page.locator('#input-fund').fill('约三百万');
  await page.locator('#input-fund').blur();
  await page.getByText('“约三百万”不是数').waitFor();
  await page.getByLabel('修改事由').fill('x');
  await page.getByRole('button', { name: /^保存/ }).click();
  assert.equal(await page.locator('#input-fund').inputValue(), '约三百万');
  assert.equal(asked('PATCH').length, 0);
});

test('a new record shows what is missing at each field, and is opened when it is written', async () => {
  await open('/registers/project/new');
  await page.locator('#input-code').fill('X-1');
  await page.getByLabel('登记事由').fill('新项目');
  await page.getByRole('button', { name: '保存' }).click();
  await page.locator('#field-name').getByText('缺少“项目名称”').waitFor();
  await page.locator('#field-recipient').getByText('缺少“受援区县”').waitFor();
  await shoot('record-new');
  await page.locator('#input-name').fill('新建便民服务中心');
  for (const [id, words, name] of [['supporter', '九龙', '九龙坡区'], ['recipient', 'Wanzhou', '万州区']]) {
    await page.locator(`#input-${id}`).click();
    await page.keyboard.type(words);
    await page.getByRole('option', { name }).click();
  }
  await page.getByRole('button', { name: '保存' }).click();
  await page.waitForURL(/registers\/project\/241/);
  await page.getByRole('heading', { name: '新建便民服务中心' }).waitFor();
  assert.equal(state.written.get(241).values.recipient, 'wanzhou');
  assert.equal(asked('POST /api/v1/registers/project/records').length, 2);
});

test('two people at one record: the second sees who changed what, and chooses field by field', async () => {
  await open('/registers/project/200');
  await page.locator('#input-fund').fill('100');
  await page.locator('#input-note').fill('我的备注');
  write(state, 200, { fund: 3_000_000, place: '别处' }, { actor: 'lisi', reason: '更正口径' });
  await page.getByLabel('修改事由').fill('核对');
  await page.getByRole('button', { name: /^保存/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('李四').waitFor();
  await dialog.getByText('更正口径').waitFor();
  await dialog.getByText('还有 1 项未选').waitFor();
  await shoot('conflict', [['', DESK]]);
  assert.equal(await dialog.getByRole('button', { name: /合并/ }).isDisabled(), true);
  await dialog.getByRole('row', { name: /对口帮扶资金/ }).getByRole('radio').last().check();
  await dialog.getByRole('button', { name: /合并/ }).click();
  assert.deepEqual([await page.locator('#input-fund').inputValue(), await page.locator('#input-place').inputValue(), await page.locator('#input-note').inputValue()], ['300', '别处', '我的备注']);
  await page.getByRole('button', { name: /改了 1 项/ }).click();
  await toast('已保存，第 3 版');
  const { fund, place, note } = state.written.get(200).values;
  assert.deepEqual([fund, place, note], [3_000_000, '别处', '我的备注']);
});

test('a session that ends in the middle of a form loses nothing', async () => {
  await open('/registers/project/200');
  await page.locator('#input-place').fill('万州区百安坝');
  await page.getByLabel('修改事由').fill('补填');
  state.loggedIn = false;
  await page.getByRole('button', { name: /^保存/ }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: '登录已过期' });
  await dialog.locator('input[type="password"]').fill('wrong');
  await page.keyboard.press('Enter');
  await dialog.getByText('账号或密码不对').waitFor();
  assert.equal(await page.locator('#input-place').inputValue(), '万州区百安坝');
  await dialog.locator('input[type="password"]').fill('right');
  await page.keyboard.press('Enter');
  await toast('已保存，第 2 版');
  assert.equal(state.written.get(200).values.place, '万州区百安坝');
});

test('a reload in the middle of a form brings back what was typed; leaving asks first', async () => {
  await open('/registers/project/200');
  await page.locator('#input-place').fill('写了一半');
  await page.locator('#input-fund').fill('约3');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByText('已恢复您上次未保存的内容').waitFor();
  assert.deepEqual([await page.locator('#input-place').inputValue(), await page.locator('#input-fund').inputValue()], ['写了一半', '约3']);
  await page.getByRole('navigation', { name: '主菜单' }).getByText('台账').click();
  await page.getByRole('dialog').getByText('有未保存的内容').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  assert.match(page.url(), /project\/200/);
  await page.getByRole('button', { name: '放弃这些内容' }).click();
  assert.equal(await page.locator('#input-place').inputValue() === '写了一半', false);
  await page.getByRole('navigation', { name: '主菜单' }).getByText('台账').click();
  await page.waitForURL(/registers$/);
});

test('the history of a record is read, and an earlier revision put back', async () => {
  await open('/registers/project/200');
  write(state, 200, { fund: 2_000_000, progress: '完成主体结构施工，进入装修阶段' }, { actor: 'zhang', reason: '六月' });
  write(state, 200, { fund: 2_600_000, progress: '完成主体结构施工与屋面，进入装修阶段' }, { actor: 'li', reason: '七月' });
  await page.reload();
  await page.getByRole('tab', { name: '历史（3）' }).click();
  const newest = page.locator('.history > li').first();
  await newest.getByText('+60万元').waitFor();
  assert.deepEqual(await newest.locator('ins').allTextContents(), ['260万元', '与屋面']);
  await shoot('history');
  await page.locator('.history > li').nth(1).getByRole('button', { name: '恢复到此版' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('七月填错');
  await page.getByRole('dialog').getByRole('button', { name: '恢复' }).click();
  await toast('已恢复第 2 版');
  assert.deepEqual([state.written.get(200).rev, state.written.get(200).values.fund], [4, 2_000_000]);
  await page.getByRole('tab', { name: '历史（4）' }).waitFor();
});

test('evidence is dropped, looked at, and withdrawn with a reason', async () => {
  await open('/registers/project/200');
  await page.getByRole('tab', { name: '佐证（0）' }).click();
  await page.getByText('还没有佐证').waitFor();
  await page.getByLabel('选择文件').setInputFiles([
    { name: '竣工照片.png', mimeType: 'image/png', buffer: png(96) },
    { name: '批复.pdf', mimeType: 'application/pdf', buffer: pdf('Approved') },
    { name: '程序.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') },
  ]);
  await page.getByText('不支持这类文件').waitFor();
  await page.getByRole('tab', { name: '佐证（2）' }).waitFor();
  await page.waitForFunction(() => document.querySelector('.thumb img')?.naturalWidth === 96);
  await shoot('evidence');
  await page.getByRole('button', { name: '查看 批复.pdf' }).click();
  const frame = await page.locator('.look iframe').elementHandle().then((element) => element.contentFrame());
  assert.match(frame.url(), /inline=1/);
  await page.keyboard.press('Escape');
  await page.locator('.files > li').first().getByRole('button', { name: '撤下' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('传错了');
  await page.getByRole('dialog').getByRole('button', { name: '撤下' }).click();
  await page.getByRole('tab', { name: '佐证（1）' }).waitFor();
});

test('a record is retracted with a reason', async () => {
  await open('/registers/project/200');
  await page.getByRole('button', { name: '撤回' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click();
  await page.getByText('请写明事由').waitFor();
  await page.getByRole('dialog').getByRole('textbox').fill('重复登记');
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click();
  await page.waitForURL(/registers\/project$/);
  assert.equal(decodeURIComponent(asked('DELETE')[0]).includes('reason=重复登记'), true);
});

test('whoever may only read reads; a phone reads first', async () => {
  await open('/registers/project/200', { may: ['read'] });
  await page.getByText('您可以查看此记录').waitFor();
  assert.equal(await page.locator('#input-fund').count(), 0);
  await page.getByRole('tab', { name: /佐证/ }).click();
  assert.equal(await page.getByText('把文件拖到这里').count(), 0);
  await page.getByRole('tab', { name: '内容' }).click();
  await shoot('record-read');
  await page.context().close();
  await desk.close();
  await open('/registers/project/200', { size: PHONE });
  await page.getByRole('button', { name: '编辑' }).click();
  await page.locator('#input-fund').waitFor();
});

test('the personal data of others stays masked, and is written anew only on purpose', async () => {
  await open('/registers/project/201');
  await page.locator('#field-responsible').getByText('个人信息已遮盖').waitFor();
  await page.locator('#input-place').fill('新地点');
  await page.getByLabel('修改事由').fill('x');
  await page.getByRole('button', { name: /^保存/ }).click();
  await toast('已保存，第 2 版');
  assert.deepEqual(state.bodies.findLast(({ method }) => method === 'PATCH').json.values, { place: '新地点' });
  await page.locator('#field-responsible').getByRole('button', { name: '重新填写' }).click();
  await page.locator('#input-responsible').fill('李四');
  await page.getByLabel('修改事由').fill('换人');
  await page.getByRole('button', { name: /^保存/ }).click();
  await toast('已保存，第 3 版');
  assert.deepEqual(state.bodies.findLast(({ method }) => method === 'PATCH').json.values, { responsible: '李四' });
});

test('nothing there, slow, failing and forbidden each say so', async () => {
  await open('/registers/project', { count: 0 });
  await page.getByText('还没有记录').waitFor();
  // Held until it was called slow.
  let answer;
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route('**/registers/project/records?**', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.reload();
  await page.getByText('比平时久').waitFor();
  answer();
  await page.unroute('**/registers/project/records?**');
  await page.route('**/registers/project/records?**', (route) => route.fulfill({
    status: 503, contentType: 'application/problem+json',
    body: JSON.stringify({ code: 'Q5031', status: 503, title: '数据库正忙', title_en: 'Database busy', detail: '请稍后再试', detail_en: 'Try again' }),
  }));
  await page.reload();
  await page.getByText('数据库正忙').waitFor();
  await shoot('list-failed', [['', DESK]]);
  state.count = 5;
  await page.unroute('**/registers/project/records?**');
  await page.getByRole('button', { name: '重试' }).click();
  await row(0).waitFor();
  await page.route('**/api/v1/registers/project', (route) => route.fulfill({
    status: 403, contentType: 'application/problem+json', body: JSON.stringify({ code: 'Q4031', status: 403, title: '没有这项权限', title_en: 'Not permitted', detail: '', detail_en: '' }),
  }));
  await page.goto(`${desk.base}/desk/registers/project/3`);
  await page.getByText('您没有这项权限').waitFor();
  await page.unroute('**/api/v1/registers/project');
  await page.goto(`${desk.base}/desk/registers/project/99999`);
  await page.getByText('没有找到').waitFor();
});

test('the overview counts registers, and “no change” is one click and a yes', async () => {
  await open('/registers');
  await page.getByRole('link', { name: '项目台账', exact: true }).waitFor();
  await page.getByText('240 条').waitFor();
  await shoot('registers');
  const mine = page.locator('li.box', { hasText: '本期未报' }).first();
  const name = await mine.getByRole('link').textContent();
  await mine.getByRole('button', { name: '无变化' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '无变化' }).click();
  await toast(`${name}已报`);
  assert.deepEqual([state.returned[0].kind, state.returned[0].unit, state.returned[0].period], ['no-change', 'wanzhou', '2021H1']);
  await page.locator('li.box', { hasText: name }).getByText('本期已报').waitFor();
});

test('the list is exported as it is narrowed', async () => {
  await open('/registers/project?q=开州&sort=-fund');
  await row(0).waitFor();
  await page.getByRole('button', { name: /导出/ }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^CSV/ }).click()]);
  assert.equal(download.suggestedFilename(), 'project.csv');
  const query = new URL(`http://x/${asked('GET /api/v1/registers/project/export')[0].slice(4)}`).searchParams;
  assert.deepEqual([query.get('q'), query.get('sort'), query.get('format')], ['开州', '-fund', 'csv']);
});

test('the journal is searched, an entry opened, the chain verified', async () => {
  await open('/journal', { may: OFFICER, broken: [{ seq: 7, register: 'project', record: 3, rev: 1, what: '与摘要不符' }] });
  await page.getByText('日志链共 253 条').waitFor();
  await shoot('journal');
  await page.getByRole('button', { name: '载入更早的' }).click();
  await page.getByRole('button', { name: '查看第 100 条' }).waitFor();
  await page.getByLabel('操作人').fill('leader');
  await page.getByRole('button', { name: '搜索' }).click();
  await page.waitForURL(/actor=leader/);
  await page.waitForFunction(() => ![...document.querySelectorAll('tbody td:nth-child(3)')].some((cell) => cell.textContent !== 'leader'));
  await page.getByRole('button', { name: '查看第 252 条' }).click();
  await page.getByText('source.name').waitFor();
  await shoot('journal-entry', [['', DESK]]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '开始核验' }).click();
  await page.getByText('1 处不符').waitFor();
  await page.getByText('与摘要不符').waitFor();
});

test('accounts: three offices apart, a password shown once', async () => {
  await open('/admin', { may: OFFICER });
  await page.waitForURL(/admin\/accounts/);
  await page.getByRole('rowheader', { name: 'auditor' }).waitFor();
  await shoot('accounts');
  await page.getByRole('row', { name: /auditor/ }).getByRole('button', { name: '解锁' }).click();
  await toast('已解锁');
  await page.getByRole('button', { name: /新建账号/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('请至少选一个角色').waitFor();
  await dialog.locator('#role-security').check();
  assert.equal(await dialog.locator('#role-clerk').isDisabled(), true);
  await shoot('account-new', [['', DESK]]);
  await dialog.locator('#role-security').uncheck();
  await dialog.locator('#role-clerk').check();
  await dialog.getByRole('textbox', { name: '账号' }).fill('kaizhou');
  await dialog.getByRole('textbox', { name: '姓名' }).fill('开州填报人');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('须选单位').waitFor();
  await dialog.locator('#account-unit').click();
  await page.keyboard.type('开州');
  await page.getByRole('option', { name: '开州区' }).click();
  await dialog.getByRole('button', { name: '保存' }).click();
  await page.getByText('Heron-42-Quiet').waitFor();
  await page.getByRole('button', { name: '已记下' }).click();
  await page.getByRole('rowheader', { name: 'kaizhou' }).waitFor();
  assert.equal(await page.getByText('Heron-42-Quiet').count(), 0);
});

test('jobs are watched and cancelled, settings changed, health read', async () => {
  await open('/admin/jobs', { may: OFFICER });
  await page.getByText('40 / 92').waitFor();
  await shoot('jobs');
  await page.getByRole('button', { name: '取消' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).last().click();
  await page.getByText('已取消').first().waitFor();
  await page.getByRole('link', { name: '设置' }).click();
  await page.getByLabel('无操作多少分钟后退出登录').fill('1');
  assert.equal(await page.getByRole('button', { name: '保存' }).isDisabled(), true);
  await page.getByLabel('无操作多少分钟后退出登录').fill('15');
  await page.getByRole('button', { name: '保存' }).click();
  await toast('设置已保存');
  assert.deepEqual(state.rules, { idle_minutes: 15, absolute_hours: 12, min_length: 12, history: 5 });
  await shoot('settings');
  await page.getByRole('link', { name: '运行状况' }).click();
  await page.getByText('空间不足').waitFor();
  await shoot('health');
});

test('everything is there in English', async () => {
  await open('/registers/project/200?lang=en');
  await page.getByText('Reason for the change').waitFor();
  await shoot('record-en', [['', DESK]]);
  await page.getByRole('link', { name: 'Projects' }).click();
  await row(0).waitFor();
  await page.getByText('240 records').first().waitFor();
  await shoot('list-en', [['', DESK]]);
});
