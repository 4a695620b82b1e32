// A workbook with mistakes, on the real server: read, mended, looked through, written, handed back.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { accessible, shoot } from './lib/chromium.mjs';
import { xlsx } from './lib/files.mjs';
import { downloaded, start } from './real/server.mjs';

let site;

before(async () => { site = await start(); });
afterEach(() => site.done());
after(() => site?.stop());

const HEADS = ['项目编号', '项目名称', '帮扶区县', '受援区县', '总投资', '帮扶的钱', '下达日期'];
const wan = (yuan) => Number(yuan) / 10_000;

const step = (page, name) => page.getByRole('navigation', { name: '导入步骤' }).getByRole('button', { name }).click();

/** A sheet as the county keeps it: what stands already, what is new, what is wrong. */
function workbook(standing) {
  const row = ({ values }, more = {}) => {
    const { code, name, total_investment: total, fund, issued_date: day } = values;
    return [code, name, '江津区', '开州区', more.total ?? wan(total), wan(fund), day];
  };
  return xlsx('项目台账', [
    ['2021年上半年项目台账（单位：万元）', null, null, null, null, null, null],
    HEADS,
    row(standing[0], { total: wan(standing[0].values.total_investment) + 50 }),
    row(standing[1]),
    ['KZ2021-901', '浦里新区标准厂房', '江津', '开州', 860, 320, '2021年5月12日'],
    ['KZ2021-902', '铁桥镇产业路', '江津区', '开洲区', 300, 120, '2021-05-12'],
    ['KZ2021-903', '敦好镇卫生院', '江津区', '开州区', '三百左右', 120, '2021-05-12'],
    ['KZ2021-904', '临江镇便民中心', '江津区', '开州区', 100, 180, '2021-05-12'],
    ['KZ2021-905', '别家的项目', '两江新区', '万州区', 100, 80, '2021-05-12'],
  ]);
}

test('the workbooks of the demo come in again and change nothing', async () => {
  const page = await site.desk('coordinator', '/imports');
  await page.getByText('还没有导入过').waitFor();
  await page.setInputFiles('input[type=file]', `${site.data}/demo/工作簿/01-项目与资金.xlsx`);
  await page.waitForURL(/imports\/\d+/);
  await step(page, '写入与结果');
  await page.getByText('没有需要写入的行').waitFor();
});

test('a workbook with mistakes: cell by cell, a column mended, good rows written, the marked copy back', async () => {
  const ask = await site.as('kaizhou-clerk');
  const records = '/registers/project/records?recipient=kaizhou&sort=code&limit=1000';
  const before = await ask('GET', records);
  const file = workbook(before.records);
  const page = await site.desk('kaizhou-clerk', '/imports');
  await page.setInputFiles('input[type=file]', { name: '开州项目.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: file });
  await page.waitForURL(/imports\/\d+/);

  // Cell by cell, beside the sheet.
  const problems = page.getByRole('region', { name: '问题清单' });
  await problems.getByText('项目台账!D6').waitFor();
  await problems.getByText('项目台账!E7').waitFor();
  await problems.getByText('项目台账!E7').click();
  await page.getByRole('grid').locator('#cell-6-4.selected', { hasText: '三百左右' }).waitFor();
  await accessible(page, 'problems of an import');
  await shoot(page, 'real-import-problems');

  // A column that nobody knows is told which field it is, and the file is read again.
  await step(page, '识别结果');
  const column = page.getByRole('row', { name: /帮扶的钱/ });
  await column.getByText('未识别，不读取').waitFor();
  await column.getByRole('combobox').selectOption('fund');
  await page.getByText('有 1 处改动尚未生效').waitFor();
  await shoot(page, 'real-import-mapping');
  await page.getByRole('button', { name: '按改正重新识别' }).click();
  await page.getByText('有 1 处改动尚未生效').waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /帮扶的钱/ }).getByText('已对应').waitFor();
  await step(page, '逐格问题');
  // Only now the rule that compares the two numbers can speak.
  await problems.getByText(/对口帮扶资金大于总投资/).waitFor();

  // What would become of each row.
  await step(page, '变更预览');
  await page.getByRole('row', { name: /KZ2021-901/ }).getByText('新增').waitFor();
  const changed = page.getByRole('row', { name: new RegExp(before.records[0].key) });
  await changed.getByText('更新').waitFor();
  assert.match(await changed.locator('del').first().innerText(), new RegExp(Number(before.records[0].values.total_investment).toLocaleString('en')));
  await accessible(page, 'preview of an import');
  await shoot(page, 'real-import-preview');
  await page.getByRole('button', { name: /^拒绝/ }).click();
  for (const code of ['KZ2021-902', 'KZ2021-903', 'KZ2021-904', 'KZ2021-905']) await page.getByRole('row', { name: new RegExp(code) }).first().waitFor();

  // Not whole; the good rows alone, with a reason.
  await step(page, '写入与结果');
  const write = page.locator('button[type=submit]', { hasText: '写入台账' });
  assert.ok(await write.isDisabled(), 'a faulty workbook is not written whole');
  await page.getByLabel(/只写没有错误的行/).check();
  await page.getByLabel('写入理由').fill('2021年上半年报送');
  await write.click();
  await page.getByRole('dialog').getByRole('button', { name: '写入台账' }).click();
  await page.getByRole('heading', { name: '已写入台账' }).waitFor();
  await page.getByText(/有 4 行未写入/).waitFor();
  await shoot(page, 'real-import-done');
  const after = await ask('GET', records);
  assert.equal(after.total, before.total + 1);
  const now = Object.fromEntries(after.records.map((one) => [one.key, one]));
  const [first, second] = before.records;
  assert.equal(now['KZ2021-901'].values.fund, 3_200_000);
  assert.equal(now[first.key].values.total_investment, first.values.total_investment + 500_000);
  assert.equal(now[second.key].rev, second.rev, 'what is the same gets no new revision');

  const marked = await downloaded(page, () => page.getByRole('button', { name: '标注问题的工作簿' }).first().click());
  assert.match(marked.name, /\.xlsx$/);
  assert.equal(marked.bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(marked.bytes.length > file.length && !marked.bytes.equals(file));

  // The history keeps who, what became of it, and the file as it was sent.
  await page.getByRole('link', { name: '导入', exact: true }).click();
  const line = page.getByRole('row', { name: /开州项目\.xlsx/ });
  for (const words of ['已写入', '新增 1', '更新 1', '无变化 1', '拒绝 4']) await line.getByText(words).waitFor();
  const original = await downloaded(page, () => line.getByRole('button', { name: '原文件' }).click());
  assert.deepEqual(original, { name: '开州项目.xlsx', bytes: file });
  await shoot(page, 'real-import-history');

  // The record says from which cell of which file it came.
  await page.goto(`${site.base}/desk/registers/project?q=KZ2021-901`);
  await page.getByRole('row', { name: /KZ2021-901/ }).click();
  await page.getByRole('tab', { name: '历史（1）' }).click();
  await page.getByRole('tabpanel').getByText('项目台账!A5').waitFor();
  await page.getByRole('tabpanel').getByText('开州项目.xlsx').waitFor();
});

test('a long list: how far it is can be seen, while it is read and while it is written', async () => {
  const lines = Array.from({ length: 3000 }, (_, nth) => `QT-${nth + 1},开州示例工程${nth + 1},江津区,开州区,100,2021-05-12`);
  const page = await site.desk('coordinator', '/imports');
  await page.setInputFiles('input[type=file]', {
    name: '开州批量.csv', mimeType: 'text/csv', buffer: Buffer.from(['项目编号,项目名称,帮扶区县,受援区县,总投资（万元）,下达日期', ...lines].join('\n')),
  });
  await page.waitForURL(/imports\/\d+/);
  await page.getByRole('progressbar').waitFor();
  await step(page, '写入与结果');
  await page.getByLabel('写入理由').fill('批量补录');
  await page.locator('button[type=submit]', { hasText: '写入台账' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '写入台账' }).click();
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('heading', { name: '已写入台账' }).waitFor();
  await page.getByText('新增 3000').first().waitFor();

  // The list of many rows is scrolled to its end.
  await page.goto(`${site.base}/desk/registers/project?sort=code&recipient=kaizhou`);
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+End');
  await page.getByRole('row', { name: /SL2021-/ }).last().waitFor();
  assert.ok(await page.getByRole('row').count() < 60, 'only what is in sight is drawn');
});
