// A server of the desk's built pages with an API that lives in memory: one register, its records,
// journal and accounts, so that pages can be tried in states that a real server seldom shows.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { png } from '../lib/files.mjs';

const here = import.meta.dirname;
const read = (name) => JSON.parse(readFileSync(join(here, name), 'utf8'));
const declared = read('register.json');
const samples = read('records.json');

// The header that the server sends with the desk.
const CSP = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
  "font-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "worker-src 'self'", "frame-src 'self' blob:",
].join('; ');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const ALL = ['read', 'write', 'import', 'export', 'return', 'evidence', 'brief', 'check', 'journal', 'verify', 'accounts', 'system'];
const OFFICES = ['journal', 'verify', 'accounts', 'system'];

function problem(status, code, title, title_en, detail, more = {}) {
  return { status, body: { type: `urn:qipan:problem:${code}`, code, status, title, title_en, detail, detail_en: title_en, ...more } };
}

/** Everything that the server knows; tests change it as they go. */
export function fresh() {
  const state = {
    loggedIn: true, may: ALL.filter((one) => !OFFICES.includes(one)), personal: false, unit: { id: 'wanzhou', name: '万州区', name_en: 'Wanzhou District' },
    count: 240, written: new Map(), history: new Map(), evidence: new Map(), files: new Map(), views: [], returned: [], requests: [], bodies: [],
    rules: { idle_minutes: 30, absolute_hours: 12, min_length: 12, history: 5 },
    accounts: [
      { login: 'clerk', name: '填报人', unit: 'wanzhou', roles: ['clerk'], registers: [], locked: false, disabled: false, must_change: false, last_login: '2021-07-01T01:00:00Z', created: '2021-01-01T00:00:00Z' },
      { login: 'auditor', name: '审计员', unit: null, roles: ['auditor'], registers: [], locked: true, disabled: false, must_change: true, last_login: null, created: '2021-01-01T00:00:00Z' },
    ],
    jobs: [
      { id: 2, kind: 'verify', state: 'running', cancelling: false, done: 40, total: 92, message: '', message_en: '', result: null, by: 'auditor', created: '2021-07-05T02:00:00Z', started: '2021-07-05T02:00:01Z', finished: null },
      { id: 1, kind: 'import-commit', state: 'done', cancelling: false, done: 148, total: 148, message: '148 条', message_en: '148 rows', result: null, by: 'clerk', created: '2021-07-04T02:00:00Z', started: '2021-07-04T02:00:01Z', finished: '2021-07-04T02:00:09Z' },
    ],
    broken: [],
  };
  return state;
}

const ROLES = [
  ['clerk', '填报人', 'Clerk', '填报本单位的台账', 'links', ['read', 'write', 'import', 'export', 'return', 'evidence'], false],
  ['reviewer', '审核人', 'Reviewer', '审核本单位的台账', 'links', ['read', 'write', 'export', 'return'], false],
  ['coordinator', '市级统筹', 'Coordinator', '统筹全市', 'all', ['read', 'write', 'export', 'brief', 'check'], false],
  ['department', '市级部门', 'Department', '分管台账', 'all', ['read', 'export'], false, true],
  ['auditor', '审计员', 'Auditor', '查看一切与日志，不改动', 'all', ['read', 'journal', 'verify', 'export'], true],
  ['security', '安全管理员', 'Security officer', '管理账号与角色', 'nothing', ['accounts'], true],
  ['system', '系统管理员', 'System officer', '管理设置与备份', 'nothing', ['system'], true],
].map(([id, name, name_en, help, reach, actions, office, named = false]) => ({ id, name, name_en, help, help_en: name_en, reach, named_registers: named, actions, office }));

const DAY = 86_400_000;

function recordAt(state, number) {
  const written = state.written.get(number);
  if (written) return written;
  const sample = samples[number % samples.length];
  const code = `SL2021-${String(number).padStart(6, '0')}`;
  const values = { ...sample.values, code, name: `${sample.values.name.replace(/（.*/, '')}（${number}号）`, responsible: number % 3 === 0 ? '王*' : null };
  values.rate = values.done_investment && values.total_investment ? Math.round(values.done_investment / values.total_investment * 1000) / 10 : null;
  return { ...sample, record: number, rev: 1, key: code, entry: 2, counted: true, values };
}

function entry(seq) {
  const actions = ['import', 'edit', 'login', 'export', 'retract', 'return'];
  const hash = (word) => createHash('sha256').update(`${word}${seq}`).digest('hex');
  return {
    seq, at: new Date(Date.UTC(2021, 6, 1) + seq * 3_600_000).toISOString(), actor: seq % 2 ? 'clerk' : 'leader', reason: seq % 3 ? '月报' : '', action: actions[seq % actions.length],
    register: seq % 6 === 2 ? '' : 'project', rows: seq % 6 === 2 ? 0 : seq % 50, payload: { origin: '127.0.0.1', source: seq % 6 ? null : { name: '项目台账.xlsx', digest: hash('f') }, counts: { inserted: seq } },
    digest: hash('d'), prev: hash('p'), hash: hash('h'),
  };
}

const RULES = [
  ['fund', 'error', 'fund-within-total', '对口帮扶资金大于总投资：请核对两个数和它们的单位（万元、元）', 'The assistance fund is larger than the total investment', (v) => v.fund > v.total_investment && v.total_investment !== null],
  ['finish_date', 'error', 'finish-after-start', '完工日期早于开工日期：请核对两个日期', 'Finished before it started', (v) => v.finish_date && v.start_date && v.finish_date < v.start_date],
  ['start_date', 'warning', 'started-has-date', '状态说明已开工，却没有开工日期', 'The status says started but there is no starting date', (v) => v.status === '已开工' && !v.start_date],
];

function check(values) {
  const problems = declared.project.fields.filter((field) => field.required && (values[field.id] ?? null) === null)
    .map((field) => ({ field: field.id, code: 'E2003', severity: 'error', message: `缺少“${field.label}”：请填写`, message_en: `${field.label_en} is missing` }));
  for (const [field, severity, code, message, message_en, bad] of RULES) if (bad(values)) problems.push({ field, code, severity, message, message_en });
  return problems;
}

const computed = (values) => ({ ...values, rate: values.done_investment && values.total_investment ? Math.round(values.done_investment / values.total_investment * 1000) / 10 : null });

/** Writes a revision, as another person would. */
export function write(state, number, values, by = { actor: 'clerk', reason: '月报' }) {
  const before = number === null ? null : recordAt(state, number);
  const record = number ?? state.count + state.written.size + 1;
  const next = {
    ...(before ?? { ...samples[0], record, rev: 0, source: '', place: '', confirmation: 'pending' }), record, rev: (before?.rev ?? 0) + 1, source: '', place: '', entry: 100 + state.written.size,
    values: computed({ ...(before?.values ?? Object.fromEntries(declared.project.fields.map((field) => [field.id, null]))), ...values }),
  };
  next.key = next.values.code;
  const changes = before ? declared.project.fields.filter(({ id }) => before.values[id] !== next.values[id])
    .map(({ id, label }) => ({ field: id, label, before: before.values[id] ?? null, after: next.values[id] ?? null })) : [];
  const list = state.history.get(record) ?? (before ? [{ record: before, at: '2021-06-30T08:00:00Z', actor: 'import', by: '导入', reason: '半年报', action: 'import', file: '项目台账.xlsx', changes: [] }] : []);
  list.push({ record: next, at: new Date(Date.UTC(2021, 6, 5) + list.length * DAY).toISOString(), actor: by.actor, by: by.actor, reason: by.reason, action: 'edit', file: '', changes });
  state.history.set(record, list);
  state.written.set(record, next);
  return next;
}

function session(state) {
  return {
    account: { login: 'wanzhou', name: '万州填报人', unit: state.unit, roles: [{ id: 'clerk', name: '填报人', name_en: 'Clerk' }], registers: null }, may: state.may,
    registers: declared.registers.map(({ id }) => ({ id, actions: state.may })), must_change: false, personal: state.personal,
    idle_until: '2099-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z', method: 'session', period: '2021H1', today: '2021-07-05', illustrative: '示例数据',
  };
}

const routes = [];
const on = (method, pattern, run) => routes.push({ method, pattern: new RegExp(`^/api/v1${pattern}$`), run });
const ok = (body, status = 200, headers = {}) => ({ status, body, headers });

on('GET', '/server', () => ok({ name: 'qipan', version: '0.1.0', illustrative: '示例数据', mechanism: { name: declared.mechanism.name, name_en: declared.mechanism.name_en }, oidc: null, password: { min_length: 12, classes: 3, history: 5, max_age_days: 90 } }));
on('GET', '/session', ({ state }) => ok(session(state)));
on('POST', '/session', ({ state, json }) => {
  if (json.password !== 'right') return problem(401, 'Q4012', '账号或密码不对', 'Wrong login or password', '请重新输入');
  state.loggedIn = true;
  return ok(session(state));
});
for (const name of ['mechanism', 'themes', 'units', 'registers', 'indicators', 'coverage']) {
  on('GET', `/${name}`, ({ state }) => {
    if (name !== 'coverage') return ok(declared[name]);
    return ok(declared.coverage.map((one) => {
      const open = ['park', 'visit'].includes(one.register) && !state.returned.some((of) => of.register === one.register);
      return open ? { ...one, reported: one.reported.filter((id) => id !== state.unit.id), missing: [...one.missing, state.unit.id] } : one;
    }));
  });
}
on('GET', '/registers/project', ({ state }) => ok({ ...declared.project, actions: state.may }));
function listed(state, query) {
  if (/faulty/.test(query.get('where') ?? '')) {
    const at = Buffer.byteLength((query.get('where') ?? '').slice(0, query.get('where').indexOf('faulty')));
    return problem(422, 'Q4224', '筛选条件有误', 'Faulty filter', '请按提示修改', { errors: [{ start: at, end: at + 6, code: 'E1101', message: '没有“faulty”这个字段：写字段的代码，文字要加引号' }] });
  }
  const q = query.get('q');
  if (!q) return { count: state.count, at: (nth) => recordAt(state, state.count - nth) };
  const found = Array.from({ length: Math.min(state.count, 5000) }, (_, nth) => state.count - nth).filter((number) => JSON.stringify(recordAt(state, number).values).includes(q));
  return { count: found.length, at: (nth) => recordAt(state, found[nth]) };
}
on('GET', '/registers/(\\w+)/records', ({ state, query, match }) => {
  if (match[1] !== 'project') return ok({ records: [], total: match[1].length * 7, next: null, as_of: '2021-07-05T00:00:00Z' });
  const list = listed(state, query);
  if (list.status) return list;
  const limit = Number(query.get('limit') ?? 50);
  const from = Number(query.get('after') ?? 0);
  const to = Math.min(from + limit, list.count);
  const only = query.get('fields')?.split(',');
  const records = Array.from({ length: Math.max(0, to - from) }, (_, nth) => {
    const record = list.at(from + nth);
    return only ? { ...record, values: Object.fromEntries(only.map((id) => [id, record.values[id] ?? null])) } : record;
  });
  return ok({ records, total: list.count, next: to < list.count ? String(to) : null, as_of: '2021-07-05T00:00:00Z' });
});
on('GET', '/registers/project/totals', ({ state, query }) => {
  const list = listed(state, query);
  return list.status ? list : ok({ total: list.count, sums: { total_investment: list.count * 4_240_000.55, fund: list.count * 1_000_000, persons: list.count * 600 }, as_of: '2021-07-05T00:00:00Z' });
});
on('GET', '/registers/project/records/(\\d+)', ({ state, match }) => {
  const number = Number(match[1]);
  if (number > state.count + state.written.size || number < 1) return problem(404, 'Q4043', '没有这条记录', 'No such record', '没有这条记录');
  const record = { ...recordAt(state, number), evidence: state.evidence.get(number) ?? [] };
  return ok(record, 200, { etag: `"r${record.rev}"` });
});
on('POST', '/registers/project/check', ({ json, state }) => {
  const values = computed({ ...(json.record ? recordAt(state, json.record).values : {}), ...json.values });
  return ok({ values, problems: check(values) });
});
on('POST', '/registers/project/records', ({ state, json }) => {
  const problems = check(json.values);
  if (problems.some((one) => one.severity === 'error')) return problem(422, 'Q4232', '记录不合要求', 'The record is not as it must be', '请按提示修改', { problems });
  return ok(write(state, null, json.values, { actor: 'wanzhou', reason: json.reason }), 201);
});
on('PATCH', '/registers/project/records/(\\d+)', ({ state, match, json, headers }) => {
  const number = Number(match[1]);
  const record = recordAt(state, number);
  if (headers['if-match'] !== `"r${record.rev}"`) {
    const last = state.history.get(number)?.at(-1);
    return problem(412, 'Q4121', '记录已被改过', 'The record was changed', '请对照后再保存', { current: record, by: { actor: last.actor, name: '李四', at: last.at, reason: last.reason }, changes: last.changes });
  }
  const problems = check({ ...record.values, ...json.values });
  if (problems.some((one) => one.severity === 'error')) return problem(422, 'Q4232', '记录不合要求', 'The record is not as it must be', '请按提示修改', { problems });
  return ok({ ...write(state, number, json.values, { actor: 'wanzhou', reason: json.reason }), evidence: state.evidence.get(number) ?? [] });
});
on('DELETE', '/registers/project/records/(\\d+)', ({ state, match }) => {
  write(state, Number(match[1]), {}).retracted = true;
  return ok(null, 204);
});
on('GET', '/registers/project/records/(\\d+)/revisions', ({ state, match }) => {
  const number = Number(match[1]);
  const revisions = state.history.get(number) ?? [{ record: recordAt(state, number), at: '2021-06-30T08:00:00Z', actor: 'import', by: '导入', reason: '半年报', action: 'import', file: '项目台账.xlsx', changes: [] }];
  return ok({ register: 'project', record: number, key: recordAt(state, number).key, revisions });
});
on('POST', '/registers/project/records/(\\d+)/restore', ({ state, match, json }) => {
  const of = state.history.get(Number(match[1])).find((one) => one.record.rev === json.rev);
  return ok(write(state, Number(match[1]), of.record.values, { actor: 'wanzhou', reason: json.reason }));
});
on('POST', '/registers/project/bulk', ({ state, json }) => {
  for (const { record } of json.records) write(state, record, json.values, { actor: 'wanzhou', reason: json.reason });
  return ok({ updated: json.records.length, unchanged: 0 });
});
on('POST', '/registers/project/records/(\\d+)/evidence', ({ state, match, raw, headers }) => {
  const digest = createHash('sha256').update(raw).digest('hex');
  state.files.set(digest, { raw, type: headers['content-type'] });
  const one = { digest, name: decodeURIComponent(headers['x-file-name']), type: headers['content-type'], size: raw.length, at: '2021-07-05T03:00:00Z', actor: 'wanzhou', by: '万州区填报', entry: 120 };
  state.evidence.set(Number(match[1]), [...(state.evidence.get(Number(match[1])) ?? []), one]);
  return ok(one, 201);
});
on('DELETE', '/registers/project/records/(\\d+)/evidence/(\\w+)', ({ state, match }) => {
  state.evidence.set(Number(match[1]), state.evidence.get(Number(match[1])).filter((one) => one.digest !== match[2]));
  return ok(null, 204);
});
on('GET', '/files/(\\w+)', ({ state, match, query }) => {
  const file = state.files.get(match[1]) ?? { raw: png(64), type: 'image/png' };
  const shown = query.get('inline') === '1';
  return { status: 200, raw: file.raw, headers: { 'content-type': shown ? file.type : 'application/octet-stream', 'content-security-policy': "default-src 'none'; sandbox", ...(shown ? {} : { 'content-disposition': 'attachment; filename="file.bin"' }) } };
});
on('GET', '/views', ({ state }) => ok({ views: state.views }));
on('POST', '/views', ({ state, json }) => {
  const view = { id: state.views.length + 1, ...json };
  state.views.push(view);
  return ok(view, 201);
});
on('GET', '/registers/project/export', ({ query }) => ({ status: 200, raw: Buffer.from(`format ${query.get('format')}\n`), headers: { 'content-type': 'text/csv', 'content-disposition': `attachment; filename="project.${query.get('format')}"` } }));
on('POST', '/returns', ({ state, json }) => {
  state.returned.push(json);
  return ok(null, 204);
});
on('GET', '/journal', ({ state, query }) => {
  if (!state.may.includes('journal')) return problem(403, 'Q4031', '没有这项权限', 'Not permitted', '');
  const head = 253;
  const last = Math.min(Number(query.get('last') ?? head), head);
  const limit = Number(query.get('limit') ?? 100);
  const all = Array.from({ length: last }, (_, nth) => entry(last - nth)).filter((one) => (!query.get('actor') || one.actor === query.get('actor')) && (!query.get('action') || one.action === query.get('action')));
  const entries = all.slice(0, limit);
  return ok({ entries, next: entries.length === limit && entries.at(-1).seq > 1 ? entries.at(-1).seq - 1 : null, head, hash: entry(head).hash });
});
on('POST', '/verify', ({ state }) => {
  state.jobs.unshift({ id: 7, kind: 'verify', state: 'running', cancelling: false, done: 0, total: 100, message: '', message_en: '', result: null, by: 'auditor', created: '2021-07-05T02:00:00Z', started: null, finished: null });
  return ok({ job: 7 }, 202);
});
on('GET', '/jobs', ({ state }) => ok({ jobs: state.jobs }));
on('GET', '/jobs/(\\w+)', ({ state, match }) => ok(state.jobs.find((job) => String(job.id) === match[1])));
on('DELETE', '/jobs/(\\w+)', ({ state, match }) => {
  state.jobs.find((job) => String(job.id) === match[1]).state = 'cancelled';
  return ok(null, 204);
});
on('GET', '/roles', () => ok({ roles: ROLES }));
on('GET', '/accounts', ({ state }) => ok({ accounts: state.accounts }));
on('POST', '/accounts', ({ state, json }) => {
  const account = { ...json, locked: false, disabled: false, must_change: true, last_login: null, created: '2021-07-05T00:00:00Z' };
  state.accounts.push(account);
  return ok({ account, password: 'Heron-42-Quiet' }, 201);
});
on('PATCH', '/accounts/(\\w+)', ({ state, match, json }) => {
  const account = state.accounts.find((one) => one.login === match[1]);
  Object.assign(account, json);
  return ok(account);
});
on('POST', '/accounts/(\\w+)/password', () => ok({ password: 'Otter-77-Green' }));
on('POST', '/accounts/(\\w+)/unlock', ({ state, match }) => {
  state.accounts.find((one) => one.login === match[1]).locked = false;
  return ok(null, 204);
});
const LIMITS = { idle_minutes: ['无操作多少分钟后退出登录', 5, 120], absolute_hours: ['登录后最多多少小时', 1, 24], min_length: ['密码最少字符数', 8, 64], history: ['不得重复最近几次密码', 0, 24] };
const settings = (state) => ({ settings: Object.entries(LIMITS).map(([key, [name, least, most]]) => ({ key, value: state.rules[key], default: fresh().rules[key], least, most, name, name_en: key })) });
on('GET', '/settings', ({ state }) => ok(settings(state)));
on('PATCH', '/settings', ({ state, json }) => {
  Object.assign(state.rules, json);
  return ok(settings(state));
});
on('GET', '/health', () => ok({
  version: '0.1.0', now: '2021-07-05T03:00:00Z', started: '2021-07-04T00:56:56Z', uptime: 93_784, database: { kind: 'sqlite', version: '3.51.3', schema: 7, bytes: 48_234_496 },
  journal: { head: 253, hash: entry(253).hash, at: entry(253).at }, checkpoint: { key: true, entry: 240, at: '2021-07-05T01:00:00Z', age: 7200, unsigned: 13 },
  verified: { at: '2021-07-05T00:00:00Z', age: 10_800, ok: true, by: 'auditor' }, disk: { free: 4_234_567_168, total: 105_089_261_568, free_percent: 4 }, pack: { id: 'chongqing', version: '2021.1', digest: entry(1).hash },
}));

function events(state, response, id) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const job = state.jobs.find((one) => String(one.id) === id);
  const tick = setInterval(() => {
    job.done += 25;
    if (job.done >= job.total) Object.assign(job, { state: 'done', done: job.total, finished: '2021-07-05T02:01:00Z', result: { ok: state.broken.length === 0, entries: 253, head: entry(253).hash, broken: state.broken } });
    response.write(`event: progress\ndata: ${JSON.stringify(job)}\n\n`);
    if (job.state === 'done') {
      clearInterval(tick);
      response.end('event: end\ndata: {}\n\n');
    }
  }, 60);
  response.on('close', () => clearInterval(tick));
}

/** Starts the server; `state` may be changed while it runs. */
export async function desk(state, dist = process.env.DESK_DIST ?? join(here, '../../web/dist')) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://desk');
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts);
      if (url.pathname.startsWith('/api/')) return answer(state, request, response, url, raw);
      const path = normalize(url.pathname).replace(/^\/desk\/?/, '');
      const file = join(dist, path);
      const found = path !== '' && file.startsWith(dist) && existsSync(file) && extname(file) !== '' ? file : join(dist, 'index.html');
      response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream', 'content-security-policy': CSP });
      return response.end(readFileSync(found));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }) };
}

function answer(state, request, response, url, raw) {
  state.requests.push(`${request.method} ${url.pathname}${url.search}`);
  const send = ({ status, body, raw: bytes, headers = {} }) => {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(bytes ?? (body === null || body === undefined ? '' : JSON.stringify(body)));
  };
  if (request.method !== 'GET' && request.headers['x-qipan'] !== '1') return send(problem(403, 'Q4033', '来源不对', 'Wrong origin', ''));
  const open = /\/(server|session)$/.test(url.pathname) && (request.method === 'POST' || url.pathname.endsWith('server'));
  if (!state.loggedIn && !open) return send(problem(401, 'Q4011', '请先登录', 'Log in first', '登录已过期'));
  const stream = /^\/api\/v1\/jobs\/(\w+)\/events$/.exec(url.pathname);
  if (stream) return events(state, response, stream[1]);
  const route = routes.find((one) => one.method === request.method && one.pattern.test(url.pathname));
  if (!route) return send(problem(404, 'Q4041', '没有这一页', 'No such page', url.pathname));
  const json = /json/.test(request.headers['content-type'] ?? '') && raw.length > 0 ? JSON.parse(raw.toString()) : null;
  if (json !== null) state.bodies.push({ method: request.method, path: url.pathname, json });
  return send(route.run({ state, json, raw, headers: request.headers, query: url.searchParams, match: route.pattern.exec(url.pathname) }));
}
