// Records on the real server: two people at one, a session that ends in the middle of a form, down
// from the board to the evidence, and back to how it stood before.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { accessible, shoot } from './lib/chromium.mjs';
import { pdf, png } from './lib/files.mjs';
import { downloaded, start } from './real/server.mjs';

let site;

before(async () => { site = await start(); });
afterEach(() => site.done());
after(() => site?.stop());

const toast = (page, words) => page.locator('.el-message', { hasText: words }).first().waitFor();
const RECORDS = '/registers/project/records';

/** The number of one of Kaizhou's projects. */
async function project(ask, nth) {
  const { records } = await ask('GET', `${RECORDS}?recipient=kaizhou&sort=code&limit=10`);
  return records[nth];
}

test('two people at one record: the second is told what was changed and by whom, and loses nothing', async () => {
  const other = await site.as('jiangjin-clerk');
  const before = await project(other, 0);
  const page = await site.desk('kaizhou-clerk', `/registers/project/${before.record}`);
  await page.locator('#input-place').fill('开州区浦里新区');
  await page.locator('#input-note').fill('我的备注');
  await other('PATCH', `${RECORDS}/${before.record}`, {
    headers: { 'If-Match': `"r${before.rev}"` }, body: { values: { note: '对方的备注', owner: '开州示例业主' }, reason: '更正业主' },
  });
  await page.getByLabel('修改事由').fill('补地点');
  await page.getByRole('button', { name: /^保存/ }).click();
  const dialog = page.getByRole('dialog', { name: '这条记录刚被他人改过' });
  await dialog.getByText(/江津区填报 于 .* 改过，事由：更正业主/).waitFor();
  await accessible(page, 'two people at one record');
  await shoot(page, 'real-conflict', { '': page.viewportSize() });
  await dialog.getByRole('row', { name: /备注/ }).getByRole('radio').first().check();
  await dialog.getByRole('button', { name: /合并/ }).click();
  assert.equal(await page.locator('#input-place').inputValue(), '开州区浦里新区');
  assert.equal(await page.locator('#input-note').inputValue(), '我的备注');
  assert.equal(await page.locator('#input-owner').inputValue(), '开州示例业主');
  await page.getByRole('button', { name: /^保存/ }).click();
  await toast(page, `已保存，第 ${before.rev + 2} 版`);
  const { values } = await other('GET', `${RECORDS}/${before.record}`);
  assert.deepEqual([values.place, values.note, values.owner], ['开州区浦里新区', '我的备注', '开州示例业主']);
});

test('a session that ends in the middle of a form: nothing typed is lost, and it is saved', async () => {
  const ask = await site.as('kaizhou-clerk');
  const { record, rev } = await project(ask, 1);
  const page = await site.desk('kaizhou-clerk', `/registers/project/${record}`);
  await page.locator('#input-progress').fill('主体封顶，正在装修');
  await page.getByLabel('修改事由').fill('月报');
  // Somebody ends it from another device.
  const { sessions } = await ask('GET', '/sessions');
  for (const one of sessions.filter(({ current }) => !current)) await ask('DELETE', `/sessions/${one.id}`);
  await page.getByRole('button', { name: /^保存/ }).click();
  const again = page.getByRole('dialog', { name: '登录已过期' });
  await again.waitFor();
  await accessible(page, 'logging in again');
  await shoot(page, 'real-again', { '': page.viewportSize() });
  assert.equal(await page.locator('#input-progress').inputValue(), '主体封顶，正在装修');
  await again.getByLabel('密码').fill('Wrong-guess-1');
  await again.getByRole('button', { name: '登录并继续' }).click();
  await again.getByText('账号或密码不对').waitFor();
  await again.getByLabel('密码').fill(site.passwords['kaizhou-clerk']);
  await again.getByRole('button', { name: '登录并继续' }).click();
  await toast(page, `已保存，第 ${rev + 1} 版`);
  assert.equal((await ask('GET', `${RECORDS}/${record}`)).values.progress, '主体封顶，正在装修');
});

test('from the board to a figure, its rows, a record, its evidence', async () => {
  const page = await site.desk('coordinator', '/board?recipient=kaizhou');
  const ask = await site.as('coordinator');
  const opened = await ask('GET', '/figures/PRJ-N-ISSUED?period=2021H1&by=recipient&cut=,kaizhou');
  await page.locator('article').filter({ has: page.getByRole('heading', { name: '累计下达对口帮扶项目', exact: true }) }).getByRole('link').click();
  await page.waitForURL(/figures\/PRJ-N-ISSUED.*recipient=kaizhou/);
  await page.getByText(`${opened.counted}行计入，共${opened.total}行`).waitFor();
  assert.equal(String(opened.figure.value), (await page.locator('.big .value').innerText()).replace(/\D/g, ''));
  await page.locator('.rows tbody tr').nth(opened.total - 1).waitFor();
  assert.equal(await page.locator('.rows tbody tr').count(), opened.total);
  await page.getByText('查询语句').click();
  await page.getByText(/SELECT/).first().waitFor();
  const row = page.locator('.rows tbody tr').last();
  const name = await row.getByRole('link').first().innerText();
  await row.getByRole('link').first().click();
  await page.waitForURL(/registers\/project\/\d+/);
  await page.locator('header', { hasText: name }).first().waitFor();

  const paper = pdf('Issued 2021');
  await page.getByRole('tab', { name: '佐证（0）' }).click();
  await page.getByText('还没有佐证').waitFor();
  await page.setInputFiles('input[type=file]', [
    { name: '现场照片.png', mimeType: 'image/png', buffer: png(96) },
    { name: '下达文件.pdf', mimeType: 'application/pdf', buffer: paper },
    { name: '冒名.pdf', mimeType: 'application/pdf', buffer: Buffer.from([0x4d, 0x5a, 0, 1, 2, 255]) },
  ]);
  await page.getByRole('alert').waitFor();
  await page.getByRole('tab', { name: '佐证（2）' }).waitFor();
  await page.getByRole('button', { name: '查看 现场照片.png' }).first().click();
  const look = page.getByRole('dialog');
  await look.locator('img').waitFor();
  assert.ok(await look.locator('img').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  await page.keyboard.press('Escape');
  await look.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: '查看 下达文件.pdf' }).first().click();
  await page.getByRole('dialog').locator('canvas, iframe, embed, object').first().waitFor();
  await accessible(page, 'evidence looked at');
  await shoot(page, 'real-evidence', { '': page.viewportSize() });
  await page.keyboard.press('Escape');
  const { bytes } = await downloaded(page, () => page.locator('li', { hasText: '下达文件.pdf' }).getByRole('link', { name: '下载' }).click());
  assert.deepEqual(bytes, paper);

  // The same evidence stands at the row of the figure.
  await page.goBack();
  await page.locator('.rows tbody tr').last().getByRole('button', { name: '修订与佐证' }).click();
  await page.locator('.trace').getByRole('button', { name: '现场照片.png' }).waitFor();
});

test('a figure and a record before a change, as of before', async () => {
  const ask = await site.as('coordinator');
  const { record, rev, values } = await project(ask, 2);
  const told = await ask('GET', '/figures/PRJ-V-TOTAL?period=2021H1');
  const moment = told.figure.as_of;
  await new Promise((resolve) => { setTimeout(resolve, 1100); });
  const page = await site.desk('kaizhou-clerk', `/registers/project/${record}`);
  await page.getByLabel('金额单位').selectOption({ label: '亿元' });
  await page.locator('#input-total_investment').fill('5');
  await page.getByLabel('修改事由').fill('概算调整');
  await page.getByRole('button', { name: /^保存/ }).click();
  await toast(page, `已保存，第 ${rev + 1} 版`);

  const city = await site.desk('coordinator', '/figures/PRJ-V-TOTAL');
  const now = await ask('GET', '/figures/PRJ-V-TOTAL?period=2021H1');
  assert.equal(now.figure.value - told.figure.value, 500_000_000 - Number(values.total_investment));
  const number = async () => (await city.locator('.big .value').innerText()).replace(/\s/g, '');
  assert.equal(await number(), now.figure.display);
  await city.goto(`${site.base}/desk/figures/PRJ-V-TOTAL?as_of=${encodeURIComponent(moment)}`);
  await city.getByText(/正在查看 .* 时点的数据/).waitFor();
  assert.equal(await number(), '7.5亿元');
  await shoot(city, 'real-as-of', { '': city.viewportSize() });
  // The moment goes along to the record, which stands as it stood.
  await city.goto(`${site.base}/desk/registers/project/${record}?as_of=${encodeURIComponent(moment)}`);
  await city.getByText('这是过去时点的记录，只能查看').waitFor();
  await city.locator('dl.facts', { hasText: (Number(values.total_investment) / 10_000).toLocaleString('en') }).first().waitFor();
  await city.getByRole('button', { name: '回到当前' }).click();
  await city.locator('#input-total_investment').waitFor();
  assert.equal(await city.locator('#input-total_investment').inputValue(), '50000');
});
