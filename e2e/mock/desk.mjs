// The built desk with an API that a test makes up: for states that a real server shows only with
// much trouble (a job half done, a workbook full of mistakes). Sends the policy that the real one
// sends, so that what it forbids fails here too.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { until } from '../lib/settled.mjs';

const DIST = join(import.meta.dirname, '../../web/dist');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
  "connect-src 'self'", "font-src 'self'", "base-uri 'none'", "form-action 'self'",
  "frame-ancestors 'none'", "worker-src 'self'", "frame-src 'self' blob:",
].join('; ');

/** What every page asks for: a small mechanism and who is logged in. */
const declared = JSON.parse(readFileSync(join(import.meta.dirname, 'declared.json'), 'utf8'));

const ACTIONS = ['read', 'write', 'import', 'export', 'return', 'evidence', 'brief', 'check', 'journal', 'verify'];

/** A session of a clerk of 江津区, or what is said otherwise. */
export function session(more = {}) {
  return {
    account: {
      login: 'jiangjin-clerk', name: '江津填报人', unit: { id: 'jiangjin', name: '江津区', name_en: 'Jiangjin District' },
      roles: [{ id: 'clerk', name: '填报人', name_en: 'Clerk' }], registers: null,
    },
    may: ACTIONS, registers: declared.registers.map(({ id }) => ({ id, actions: ACTIONS })),
    must_change: false, personal: false, idle_until: '2099-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z',
    method: 'session', period: '2021H1', today: '2021-07-05', illustrative: '示例数据', illustrative_en: 'Illustrative data', ...more,
  };
}

/**
 * Serves the desk. `routes` maps `GET /api/v1/imports/7` to an answer, or to a function of the
 * request (`{ url, body, headers }`) and the response that gives one; later additions count at once.
 */
export async function startDesk(routes) {
  const asked = [];
  const all = {
    'GET /api/v1/server': {
      name: 'qipan', version: '0.2.0', illustrative: '示例数据', illustrative_en: 'Illustrative data', oidc: null,
      mechanism: { name: declared.mechanism.name, name_en: declared.mechanism.name_en },
      password: { min_length: 10, classes: 3, history: 5, max_age_days: 90 },
    },
    'GET /api/v1/session': () => session(),
    'GET /api/v1/mechanism': declared.mechanism,
    'GET /api/v1/themes': declared.themes,
    'GET /api/v1/units': declared.units,
    'GET /api/v1/links': declared.links,
    'GET /api/v1/clauses': declared.clauses,
    'GET /api/v1/indicators': declared.indicators,
    'GET /api/v1/registers': declared.registers,
    ...Object.fromEntries(Object.entries(declared.shapes).map(([id, shape]) => [`GET /api/v1/registers/${id}`, shape])),
    ...routes,
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://desk');
    if (url.pathname.startsWith('/api/')) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const name = `${request.method} ${url.pathname}`;
      asked.push({ name, query: Object.fromEntries(url.searchParams), body, headers: request.headers });
      if (request.method !== 'GET' && request.headers['x-qipan'] !== '1') return problem(response, 403, 'Q4033');
      const route = all[name];
      if (route === undefined) return problem(response, 404, 'Q4041');
      const answer = typeof route === 'function' ? await route({ url, body, headers: request.headers }, response) : route;
      if (response.headersSent || response.writableEnded) return undefined;
      if (answer === undefined) return response.writeHead(204).end();
      if (answer instanceof Problem) return problem(response, answer.status, answer.code, answer.more);
      response.writeHead(200, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify(answer));
    }
    const path = normalize(url.pathname).replace(/^\/desk\//, '');
    const file = extname(path) ? path : 'index.html';
    try {
      const bytes = await readFile(join(DIST, file));
      response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY });
      return response.end(bytes);
    } catch {
      return response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    routes: all,
    asked,
    /** The requests of one name, oldest first, `least` of them at the least: what is on its way is waited for. */
    async of(name, least = 0) {
      const found = () => asked.filter((one) => one.name === name);
      await until(() => found().length >= least, `${least} × ${name}`);
      return found();
    },
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

/** An answer that refuses. */
export class Problem {
  constructor(status, code, more = {}) {
    Object.assign(this, { status, code, more });
  }
}

function problem(response, status, code, more = {}) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ code, status, title: '不行', title_en: 'No', detail: '', detail_en: '', ...more }));
}
