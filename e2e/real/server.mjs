// The real server over the half-year that `qipan demo` fills in, a browser before it, and plain
// requests beside it: what a test expects of a page it asks of the server itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESK, launch, watch } from '../lib/chromium.mjs';
import { until } from '../lib/settled.mjs';

const BIN = process.env.QIPAN_BIN;

/** Fills a new data folder, serves it and opens a browser. */
export async function start() {
  assert.ok(BIN, 'QIPAN_BIN names the binary to test');
  const data = mkdtempSync(join(tmpdir(), 'qipan-e2e-'));
  const demo = spawnSync(BIN, ['--data', data, 'demo', '--no-serve'], { encoding: 'utf8' });
  assert.equal(demo.status, 0, demo.stderr);
  const printed = demo.stdout.matchAll(/^([a-z-]+) +(Yanshi-\d+) /gm);
  /** The passwords that the demo has printed, by login. */
  const passwords = Object.fromEntries([...printed].map(([, login, word]) => [login, word]));
  assert.equal(Object.keys(passwords).length, 9, demo.stdout);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const server = spawn(BIN, ['--data', data, 'serve', '--listen', `127.0.0.1:${port}`], { stdio: 'inherit' });
  const alive = () => fetch(`${base}/api/v1/healthz`).then((answer) => answer.ok, () => false);
  await until(alive, 'the server to answer');
  return new Site({ data, base, passwords, server, browser: await launch() });
}

class Site {
  /** What should not have happened on any page, or on the way between. */
  faults = [];
  #contexts = [];

  constructor(parts) {
    Object.assign(this, parts);
  }

  /** A watched page of its own; nobody has come in yet. */
  async page(path, { size = DESK, ...options } = {}) {
    const context = await this.browser.newContext({ viewport: size, locale: 'zh-CN', acceptDownloads: true, ...options });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    watch(page, this.base, this.faults);
    await page.goto(this.base + path);
    return page;
  }

  /** Comes in at the desk by its form, and is at `path`. */
  async desk(login, path = '/', { password = this.passwords[login], ...options } = {}) {
    const page = await this.page(`/desk${path}`, options);
    await enter(page, login, password);
    await page.waitForURL((url) => url.pathname !== '/desk/login');
    return page;
  }

  /** A session beside the browser, for what somebody else does, and for what the ledger says. */
  async as(login) {
    const ask = (method, path, { body, headers = {}, cookie = '' } = {}) => fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { 'X-Qipan': '1', cookie, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const entered = await ask('POST', '/session', { body: { login, password: this.passwords[login] } });
    assert.equal(entered.status, 200, await entered.text());
    const [cookie] = entered.headers.get('set-cookie').split(';');
    return async (method, path, { body, headers } = {}) => {
      const answer = await ask(method, path, { body, headers, cookie });
      const text = await answer.text();
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? null : JSON.parse(text);
    };
  }

  /** Closes the pages of a test, on which nothing may have gone wrong. */
  async done() {
    for (const context of this.#contexts.splice(0)) await context.close();
    assert.deepEqual(this.faults.splice(0), []);
  }

  async stop() {
    await this.browser.close();
    const ended = new Promise((resolve) => { this.server.once('exit', resolve); });
    this.server.kill('SIGTERM');
    // Told to stop, it stops by itself and in peace.
    assert.equal(await ended, 0);
    rmSync(this.data, { recursive: true, force: true });
    assert.deepEqual(this.faults, []);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Fills in the desk's login form, in whatever language it speaks. */
export async function enter(page, login, password) {
  await page.locator('[autocomplete=username]').fill(login);
  await page.locator('[autocomplete=current-password]').fill(password);
  await page.locator('form [type=submit]').click();
}

/** Bytes of a file that a click downloads, and its name. */
export async function downloaded(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
