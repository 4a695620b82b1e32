// Import, briefs, press check, mechanism and my work in Debian's Chromium, the API made up: states
// that a real server shows only with much trouble. Nothing may leave this machine, and nothing that
// the server's policy forbids may be tried.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { accessible, DESK, shoot as pictures } from './lib/chromium.mjs';
import { launch, watched } from './mock/browser.mjs';
import { Problem, session, startDesk } from './mock/desk.mjs';
import { preview, PROBLEMS, sheet, workbook } from './mock/workbook.mjs';

let browser, desk, page;
const faults = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
afterEach(async () => {
  await page?.context().close();
  await desk?.stop();
  assert.deepEqual(faults.splice(0), []);
});

async function open(path, routes = {}, size = DESK) {
  desk = await startDesk(routes);
  page = await watched(browser, desk.base, faults, size);
  await page.goto(`${desk.base}/desk${path}`);
  return page;
}

/** Pictures to be looked at, at both widths; neither may scroll sideways or keep anybody out. */
async function shoot(name) {
  await accessible(page, name);
  await pictures(page, `work-${name}`);
}

const imports = (one = workbook) => ({
  'GET /api/v1/imports/7': one,
  ...Object.fromEntries([0, 1, 2].map((nth) => [
    `GET /api/v1/imports/7/sheets/${nth}`,
    ({ url }) => sheet(nth, Number(url.searchParams.get('from')), Number(url.searchParams.get('rows'))),
  ])),
  'GET /api/v1/imports/7/preview': ({ url }) => preview(url.searchParams.get('what')),
});

test('workbooks are dropped, sent with their progress and listed', async () => {
  let next = 7;
  const list = [workbook({ id: 3, name: '旧的.csv', state: 'committed', errors: 0, warnings: 0 }), workbook({ id: 2, state: 'refused', registers: [] })];
  await open('/imports', {
    ...imports(),
    'GET /api/v1/imports': () => ({ imports: list, next: null }),
    'POST /api/v1/imports': ({ url }) => {
      const id = next;
      next += 1;
      list.unshift(workbook({ id, name: url.searchParams.get('name'), state: id === 7 ? 'analysing' : 'ready', job: 1 }));
      return { id, job: 1 };
    },
  });
  await page.getByText('旧的.csv').waitFor();
  const files = ['一.xlsx', '二.xlsx'].map((name) => ({ name, mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('PK') }));
  await page.setInputFiles('input[type=file]', [...files, { name: '照片.png', mimeType: 'image/png', buffer: Buffer.from('x') }]);
  await page.getByText('“照片.png”不是工作簿或 CSV 文件，未上传').waitFor();
  await page.getByRole('link', { name: '一.xlsx' }).waitFor();
  await page.getByRole('link', { name: '二.xlsx' }).waitFor();
  assert.deepEqual((await desk.of('POST /api/v1/imports', 2)).map((one) => one.query.name), ['一.xlsx', '二.xlsx']);
  await shoot('imports');
});

test('a workbook alone leads to its own page, where the job is followed to its end', async () => {
  const seen = { sent: false };
  await open('/imports', {
    ...imports(() => workbook(seen.sent === 'done' ? {} : { state: 'analysing', job: 4, registers: [], tables: [], problems: [], sheets: [], errors: 0, warnings: 0 })),
    'GET /api/v1/imports': { imports: [], next: null },
    'POST /api/v1/imports': { id: 7, job: 4 },
    'GET /api/v1/jobs/4/events': async (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const tell = (job) => response.write(`event: progress\ndata: ${JSON.stringify({ id: 4, kind: 'import-read', message: '已核对', message_en: 'checked', total: 400, ...job })}\n\n`);
      tell({ state: 'running', done: 100 });
      await new Promise((resolve) => { seen.go = resolve; });
      seen.sent = 'done';
      tell({ state: 'done', done: 400 });
      response.write('event: end\ndata: {}\n\n');
      response.end();
    },
  });
  await page.getByText('还没有导入过').waitFor();
  await page.setInputFiles('input[type=file]', { name: '台账.xlsx', mimeType: '', buffer: Buffer.from('PK') });
  await page.waitForURL('**/imports/7**');
  await page.getByText('25%').waitFor();
  await shoot('analysing');
  seen.go();
  await page.getByRole('button', { name: '逐格问题' }).waitFor();
});

test('problems lead to their cells and back, far down the sheet too; a reload keeps the place', async () => {
  await open('/imports/7', imports());
  const list = page.getByRole('region', { name: '问题清单' });
  await list.getByText('G7').waitFor();
  assert.equal(await list.getByRole('listitem').count(), PROBLEMS.length);
  // Merged cells are one cell, hidden rows and columns say so.
  const grid = page.getByRole('grid');
  assert.equal(await grid.getByText('2021年上半年项目台账').count(), 1);
  const title = await grid.getByText('2021年上半年项目台账').boundingBox();
  assert.ok(title.width > 500, `the title spans its columns: ${title.width}`);
  assert.equal(await grid.locator('.row.hidden').getAttribute('aria-rowindex'), '16');

  await list.getByText('帮扶资金不能为负').click();
  const far = grid.locator('#cell-347-6');
  await far.waitFor();
  assert.equal(await far.textContent(), '-120');
  assert.equal(await far.getAttribute('aria-invalid'), 'true');
  const [cell, box] = [await far.boundingBox(), await grid.boundingBox()];
  assert.ok(cell.y > box.y && cell.y + cell.height < box.y + box.height, 'the cell is in sight');
  assert.ok(await grid.getByRole('row').count() < 60, 'only what is in sight is drawn');
  assert.match(page.url(), /cell=G348/);
  await shoot('problems-far');

  // From the cell to the problem.
  await page.getByLabel('定位到单元格').fill('E10');
  await page.keyboard.press('Enter');
  await grid.locator('#cell-9-4').click();
  assert.match(await list.locator('[aria-current=true]').textContent(), /开洲区/);
  await shoot('problems');

  await page.reload();
  await grid.locator('#cell-9-4.selected').waitFor();
  assert.match(await list.locator('[aria-current=true]').textContent(), /开洲区/);
  // By keys alone.
  await grid.focus();
  await page.keyboard.press('ArrowLeft');
  await grid.locator('#cell-9-3.selected').waitFor();
  assert.match(page.url(), /cell=D10/);
});

test('a mapping is mended: the change is sent, the answer shown', async () => {
  let mended = false;
  await open('/imports/7?step=recognised', {
    ...imports(() => {
      const one = workbook();
      if (mended) Object.assign(one.tables[0].columns[8], { field: 'note', target: 'field' });
      return one;
    }),
    'POST /api/v1/imports/7/mapping': () => {
      mended = true;
      return { id: 7, job: 5 };
    },
  });
  const row = page.getByRole('row', { name: /备注/ });
  await row.getByText('未识别，不读取').waitFor();
  await row.getByRole('combobox').selectOption('status');
  await page.getByText('有 1 处改动尚未生效').waitFor();
  await shoot('mapping');
  // Whoever leaves with changes is asked.
  await page.getByRole('link', { name: '导入', exact: true }).click();
  await page.getByRole('dialog').getByText('有未保存的内容').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await page.getByRole('button', { name: '按改正重新识别' }).click();
  await page.getByText('有 1 处改动尚未生效').waitFor({ state: 'detached' });
  const [sent] = await desk.of('POST /api/v1/imports/7/mapping', 1);
  assert.deepEqual(JSON.parse(sent.body), { tables: [{ sheet: 0, register: 'project', columns: { I: 'status' } }] });
});

test('inserts, changes and refusals are seen before anything is written', async () => {
  await open('/imports/7?step=preview', imports());
  await page.getByText('JJ-KZ-001').first().waitFor();
  const changed = page.getByRole('row', { name: /JJ-KZ-001/ });
  assert.match(await changed.locator('del').first().textContent(), /900,000 元/);
  await shoot('preview');
  await page.getByRole('button', { name: /^拒绝/ }).click();
  await page.getByText('JJ-KZ-001').first().waitFor({ state: 'detached' });
  assert.match(page.url(), /what=refused/);
  await page.getByRole('button', { name: '项目台账!A7' }).click();
  await page.getByRole('grid').locator('#cell-6-0.selected').waitFor();
});

test('good rows alone are written, with a reason, and can be called off on the way', async () => {
  let state = 'ready';
  const job = (more) => ({ id: 9, kind: 'import-commit', state: 'running', done: 0, total: 386, message: '已写入 150 行', message_en: '150 rows written', result: null, by: 'x', created: '', started: '', finished: null, ...more });
  let cancelled = false;
  await open('/imports/7?step=commit', {
    ...imports(() => workbook({ state, job: 9, receipt: state === 'committed' ? { first: 41, last: 43, at: '2021-07-05T03:00:00Z' } : null })),
    'POST /api/v1/imports/7/commit': () => {
      state = 'committing';
      return { job: 9 };
    },
    // No events here: the desk asks again and again instead.
    'GET /api/v1/jobs/9/events': new Problem(503, 'Q5031'),
    'GET /api/v1/jobs/9': () => (state === 'committing' ? job({ done: 150 }) : job({ state: cancelled ? 'cancelled' : 'done', done: 386 })),
    'DELETE /api/v1/jobs/9': () => {
      cancelled = true;
      state = 'ready';
    },
    'GET /api/v1/imports/7/marked': (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Disposition': "attachment; filename*=UTF-8''%E6%A0%87%E6%B3%A8.xlsx" });
      response.end('PK');
    },
  });
  const write = page.locator('button[type=submit]', { hasText: '写入台账' });
  await page.getByText('有 4 个错误').waitFor();
  assert.ok(await write.isDisabled(), 'a faulty workbook is not written whole');
  const marked = page.waitForEvent('download');
  await page.getByRole('button', { name: '标注问题的工作簿' }).first().click();
  assert.equal((await marked).suggestedFilename(), '标注.xlsx');

  await page.getByLabel(/只写没有错误的行/).check();
  await write.click();
  assert.equal(await page.getByLabel('写入理由').getAttribute('aria-invalid'), 'true');
  await page.getByLabel('写入理由').fill('上半年正式报送');
  await shoot('commit');
  await write.click();
  await page.getByRole('dialog').getByRole('button', { name: '写入台账' }).click();
  await page.getByText('38%').waitFor();
  assert.deepEqual(JSON.parse((await desk.of('POST /api/v1/imports/7/commit', 1))[0].body), { accept_good_rows: true, reason: '上半年正式报送' });
  await shoot('committing');
  await page.getByRole('button', { name: '取消处理' }).click();
  await write.waitFor();
  assert.equal((await desk.of('DELETE /api/v1/jobs/9', 1)).length, 1);

  cancelled = false;
  await page.getByLabel(/只写没有错误的行/).check();
  await page.getByLabel('写入理由').fill('再来');
  await write.click();
  await page.getByRole('dialog').getByRole('button', { name: '写入台账' }).click();
  await page.getByText('38%').waitFor();
  state = 'committed';
  await page.getByRole('heading', { name: '已写入台账' }).waitFor();
  await page.getByText('记入日志链第 41–43 条').waitFor();
  await shoot('committed');
  assert.equal(await page.getByRole('link', { name: '查看台账' }).getAttribute('href'), '/desk/registers/project');
});

/** Logs in again in the dialog over the page. */
async function again() {
  const dialog = page.getByRole('dialog').filter({ hasText: '登录已过期' });
  await dialog.getByLabel('密码', { exact: true }).fill('secret');
  await dialog.getByRole('button', { name: '登录并继续' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

test('a session that ends in the middle of work takes nothing away', async () => {
  let out = false;
  let state = 'ready';
  const unless = (answer) => (...given) => (out ? new Problem(401, 'Q4011') : answer(...given));
  await open('/imports', {
    ...imports(unless(() => workbook({ state }))),
    'GET /api/v1/imports': unless(() => ({ imports: [], next: null })),
    'POST /api/v1/imports': unless(() => ({ id: 7, job: 4 })),
    'GET /api/v1/session': unless(() => session()),
    'POST /api/v1/session': () => {
      out = false;
      return session();
    },
    'POST /api/v1/imports/7/commit': unless(() => {
      state = 'committed';
      return { job: 9 };
    }),
    'GET /api/v1/jobs/9/events': new Problem(503, 'Q5031'),
    'GET /api/v1/jobs/9': () => ({ id: 9, kind: 'import-commit', state: 'done', done: 386, total: 386, message: '', message_en: '', result: null }),
  });
  await page.getByText('还没有导入过').waitFor();
  out = true;
  await page.setInputFiles('input[type=file]', { name: '台账.xlsx', mimeType: '', buffer: Buffer.from('PK-once') });
  await again();
  await page.waitForURL('**/imports/7**');
  assert.deepEqual((await desk.of('POST /api/v1/imports', 2)).map((one) => one.body.toString()), ['PK-once', 'PK-once']);

  await page.getByRole('button', { name: '写入与结果' }).first().click();
  await page.getByLabel(/只写没有错误的行/).check();
  await page.getByLabel('写入理由').fill('写到一半');
  out = true;
  await page.locator('button[type=submit]', { hasText: '写入台账' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '写入台账' }).click();
  await again();
  await page.getByRole('heading', { name: '已写入台账' }).waitFor();
  const sent = (await desk.of('POST /api/v1/imports/7/commit', 2)).map((one) => JSON.parse(one.body).reason);
  assert.deepEqual(sent, ['写到一半', '写到一半']);
});

test('what one may not see is not there, what one may not do is not offered', async () => {
  await open('/imports/7', { 'GET /api/v1/session': session({ may: ['read'] }) });
  await page.getByRole('heading', { name: '您没有这项权限' }).waitFor();
  assert.equal(await page.getByRole('link', { name: '导入', exact: true }).count(), 0);
  assert.equal((await desk.of('GET /api/v1/imports/7')).length, 0);
  desk.routes['GET /api/v1/session'] = session({ may: ['read', 'journal'] });
  desk.routes['GET /api/v1/imports/7'] = new Problem(404, 'Q4047', { title: '没有这次导入', detail: '没有第 7 次导入' });
  await page.reload();
  await page.getByText('没有第 7 次导入').waitFor();
  desk.routes['GET /api/v1/imports/7'] = workbook();
  await page.goto(`${desk.base}/desk/imports/7?step=commit`);
  await page.getByText('当前账号没有导入权限，只能查看').waitFor();
  assert.equal(await page.locator('button[type=submit]').count(), 0);
});

const ARTICLE = '👩‍🌾数据显示，今年上半年，已累计下达对口帮扶项目144个、总投资7.6亿元，开工率36.8%。\n另建村庄𠮷站3处。下达项目144个。';
function claims(text) {
  const at = (phrase, from = 0) => [...text.slice(0, text.indexOf(phrase, from))].length;
  const claim = (phrase, verdict, more = {}, from = 0) => ({
    text: phrase, offset: at(phrase, from), length: [...phrase].length, value: 1, upto: null, unit: '', indicator: 'PRJ-N-ISSUED',
    name: '累计下达对口帮扶项目', name_en: 'Projects', place: null, verdict, ledger: 144, display: '144个', reason: '台账为144个', repeat: false, ...more,
  });
  return [
    claim('144个', 'confirmed'),
    claim('7.6亿元', 'contradicted', { indicator: 'PRJ-V-TOTAL', name: '下达项目总投资', display: '7.5亿元', reason: '台账为7.5亿元，不符' }),
    claim('36.8%', 'confirmed', { indicator: 'PRJ-R-START', name: '开工率', display: '36.8%' }),
    claim('3处', 'unmatched', { indicator: null, name: null, ledger: null, display: null, reason: '没有找到它说的是哪个指标' }),
    claim('144个', 'confirmed', { repeat: true }, text.indexOf('下达项目144个') + 1),
  ];
}

test('a text is pasted, its numbers are coloured in place, each opens its figure', async () => {
  const check = ({ body }) => {
    const text = body.toString('utf8');
    return { text, claims: claims(text), confirmed: 2, contradicted: 1, unmatched: 1, period: '2021H1', as_of: '2021-07-05T00:00:00Z' };
  };
  await open('/press', { 'POST /api/v1/press-check': check });
  await page.getByLabel('文稿').fill(ARTICLE);
  await shoot('press-input');
  await page.getByRole('button', { name: '核对', exact: true }).click();
  const text = page.getByRole('region', { name: '标注后的文稿' });
  await text.locator('.claim').first().waitFor();
  // Characters beyond the first plane before a claim do not move it.
  const marked = await text.locator('.claim').evaluateAll((all) => all.map((one) => [one.firstChild.textContent, one.className.replace('claim ', '')]));
  assert.deepEqual(marked, [['144个', 'confirmed'], ['7.6亿元', 'contradicted'], ['36.8%', 'confirmed'], ['3处', 'unmatched'], ['144个', 'confirmed repeat']]);
  // Not by colour alone: each verdict has its own line and sign.
  const looks = await text.locator('.claim').evaluateAll((all) => all.map((one) => getComputedStyle(one).borderBottomStyle + getComputedStyle(one, '::after').content));
  assert.equal(new Set(looks).size, 4);
  await shoot('press');

  await text.locator('.contradicted').click();
  const list = page.getByRole('region', { name: '数字清单' });
  assert.match(await list.locator('[aria-current=true]').textContent(), /7\.5亿元/);
  assert.match(page.url(), /claim=1/);
  assert.equal(
    await list.locator('[aria-current=true]').getByRole('link').getAttribute('href'), '/desk/figures/PRJ-V-TOTAL?period=2021H1',
  );
  await page.getByRole('button', { name: /不符 1/ }).click();
  assert.equal(await list.getByRole('listitem').count(), 1);
  await page.getByRole('button', { name: '复制核对报告' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^新闻稿核数报告（2021年上半年）\n/);
  assert.match(copied, /2\t7\.6亿元\t不符\t下达项目总投资\t7\.5亿元\t台账为7\.5亿元，不符/);

  await page.reload();
  await text.locator('.contradicted[aria-current=true]').waitFor();
});

test('a DOCX is sent as it is; a refusal says why and keeps the page', async () => {
  await open('/press', { 'POST /api/v1/press-check': new Problem(422, 'Q4228', { title: '文稿读不了', detail: '文件已损坏：请另存后再试' }) });
  await page.setInputFiles('input[type=file]', { name: '稿.docx', mimeType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', buffer: Buffer.from([80, 75, 3, 4, 255]) });
  await page.getByRole('alert').getByText('文稿读不了').waitFor();
  const [sent] = await desk.of('POST /api/v1/press-check', 1);
  assert.deepEqual([...sent.body], [80, 75, 3, 4, 255]);
  assert.equal(sent.query.period, '2021H1');
});

test('a brief is looked at in a frame that can do nothing, and says when it speaks for a part', async () => {
  const html = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>通报</title><style>h1{color:#a11}body{font:16px sans-serif;margin:3em}</style><h1>关于2021年上半年的通报</h1><p>累计下达项目144个。</p>';
  await open('/briefs', {
    'GET /api/v1/briefs': { briefs: [{ id: 'half-year', name: '关于2021年上半年“一区两群”区县对口协同发展工作情况的通报', name_en: 'half-year', issuer: '市发展改革委' }] },
    'GET /api/v1/briefs/half-year': ({ url }, response) => {
      const inline = url.searchParams.get('inline') === '1';
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        ...(inline
          ? { 'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'" }
          : { 'Content-Disposition': `attachment; filename="half-year.${url.searchParams.get('format')}"` }),
      });
      response.end(html);
    },
  });
  await page.getByText('您只能查看江津区有关的结对关系').waitFor();
  const frame = page.frameLocator('iframe');
  await frame.getByText('累计下达项目144个').waitFor();
  assert.equal(await page.locator('iframe').getAttribute('sandbox'), '');
  assert.equal(await frame.locator('h1').evaluate((one) => getComputedStyle(one).color), 'rgb(170, 17, 17)');
  await shoot('briefs');
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: /Word/ }).click();
  assert.equal((await file).suggestedFilename(), 'half-year.docx');
});

test('links stand on a line of time, units keep their past, clauses are traced both ways', async () => {
  await open('/mechanism/links');
  const line = page.getByRole('table', { name: '结对关系' });
  await line.getByText('江津区').first().waitFor();
  const bars = await line.locator('.bar').evaluateAll((all) => all.map((one) => [one.className, Number.parseFloat(one.style.left), Number.parseFloat(one.style.width)]));
  assert.ok(bars.some(([look]) => look.includes('likely')) && bars.some(([look]) => look.includes('attested')));
  for (const [, left, width] of bars) assert.ok(left >= 0 && width > 0 && left + width <= 100.01);
  await line.getByRole('cell', { name: /江津区.*开州区/ }).click();
  await line.getByText(/产业合作示范园/).waitFor();
  await shoot('links');

  await page.getByRole('link', { name: '单位', exact: true }).click();
  await page.getByRole('button', { name: /江北区/ }).click();
  await page.getByRole('article').getByText('500105').first().waitFor();
  await page.getByText(/由两江新区.*承接/).waitFor();
  await shoot('units');

  await page.getByRole('link', { name: '条款', exact: true }).click();
  await page.getByText('没有台账记录').first().waitFor();
  await shoot('clauses');
  await page.getByLabel('按什么查').selectOption('indicator');
  await page.getByRole('row', { name: /PRJ-N-ISSUED/ }).getByRole('link', { name: /^2\.1/ }).click();
  await page.locator('#clause-2\\.1.on').waitFor();
});

test('the files of the pack are laid out, their remarks kept', async () => {
  const toml = '# 资金与项目：全机制的总量指标。\n\n[[indicator]]\nid = "PRJ-N-ISSUED"\nname = "累计下达对口帮扶项目"\ncertainty = "likely" # 待业主确认\nformat = { unit = "个", per = 1 }\naliases = ["下达", "安排"]\n'
    + [1, 2, 3].map((nr) => `\n[[field]]\nid = "field_${nr}"\nlabel = "字段${nr}"\ntype = "money"\nhelp = "${'很长的填报说明，'.repeat(12)}"\nsynonyms = ["${'甲乙丙丁戊'.repeat(5)}", "己"]\nlabel_en = "${'a rather long English label '.repeat(4)}"\n`).join('');
  const text = (body) => (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(body);
  };
  await open('/mechanism/pack', {
    'GET /api/v1/pack/files': { files: [{ path: 'mechanism.toml', size: 9 }, { path: 'indicators/general.toml', size: 9 }, { path: 'pairs.csv', size: 9 }] },
    'GET /api/v1/pack/files/mechanism.toml': text('id = "chongqing"\n'),
    'GET /api/v1/pack/files/indicators%2Fgeneral.toml': text(toml),
    'GET /api/v1/pack/files/pairs.csv': text('supporter,recipient,evidence\njiangjin,kaizhou,"园区挂牌,待确认"\n'),
  });
  await page.getByText('indicators', { exact: false }).first().click();
  await page.getByRole('button', { name: 'general.toml' }).click();
  await page.getByRole('heading', { name: /累计下达对口帮扶项目/ }).waitFor();
  await page.getByText('待业主确认').waitFor();
  // Sections of one kind are a table, their words in words.
  const fields = page.getByRole('table', { name: '字段' });
  assert.equal(await fields.getByRole('cell', { name: '金额', exact: true }).count(), 3);
  await shoot('pack');
  await page.getByRole('button', { name: '原文' }).click();
  await page.getByText('[[indicator]]').waitFor();
  await page.getByRole('button', { name: 'pairs.csv' }).click();
  await page.getByRole('button', { name: '便于阅读' }).click();
  await page.getByRole('cell', { name: '园区挂牌,待确认' }).waitFor();
});

const waiting = (kind, severity, title, more = {}) => ({ kind, severity, title, title_en: title, detail: '', detail_en: '', to: '/imports', ...more });

test('my work: the most pressing first, no change in one click', async () => {
  let items = [
    waiting('open', 'normal', '项目台账：3条双方未一致', { register: 'project', count: 3, to: '/registers/project', detail: '待对方确认或有异议的记录不计入数字' }),
    waiting('file', 'high', '资金台账：2021年上半年未报', { register: 'fund', period: '2021H1', unit: 'jiangjin', to: '/registers/fund?period=2021H1', detail: '录入或导入记录；没有变化的可以直接报“无变化”' }),
    waiting('import', 'normal', '导入待提交：江津区台账.xlsx', { to: '/imports/7', count: 4, detail: '4处问题' }),
  ];
  await open('/', {
    'GET /api/v1/todo': () => ({ items, period: '2021H1' }),
    'POST /api/v1/returns': () => {
      items = items.filter((one) => one.kind !== 'file');
      return undefined;
    },
  });
  const first = page.getByRole('listitem').filter({ has: page.getByRole('heading') }).first();
  await first.getByText('资金台账：2021年上半年未报').waitFor();
  await shoot('todo');
  await page.getByRole('button', { name: '本期无变化' }).click();
  await page.getByText('资金台账：2021年上半年未报').waitFor({ state: 'detached' });
  assert.deepEqual(JSON.parse((await desk.of('POST /api/v1/returns', 1))[0].body), { register: 'fund', period: '2021H1', unit: 'jiangjin', kind: 'no-change' });
  await page.getByRole('button', { name: '清单' }).click();
  await page.getByRole('row', { name: /导入待提交/ }).waitFor();
  await shoot('todo-list');
  await page.getByRole('link', { name: /导入待提交/ }).click();
  await page.waitForURL('**/imports/7**');
});

test('my work of an office with nothing to do leads to where its work begins', async () => {
  await open('/', {
    'GET /api/v1/todo': { items: [], period: '2021H1' },
    'GET /api/v1/session': session({ may: ['accounts'], registers: [], account: { login: 'sec', name: '安全管理员', unit: null, roles: [], registers: null } }),
  });
  await page.getByText('没有待办').waitFor();
  assert.deepEqual(await page.locator('.places a b').allTextContents(), ['管理账号', '了解机制']);
  await shoot('todo-empty');
});

test('in English too', async () => {
  await open('/imports/7?lang=en', imports());
  await page.getByRole('region', { name: 'Problems' }).getByText('“三百二十万” is not a number: write 320').waitFor();
  await shoot('problems-en');
});
