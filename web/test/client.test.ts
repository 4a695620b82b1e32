import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { api, data, deskFetch, fileName, guardWith } from '@/api/client';
import { ProblemError } from '@/api/errors';

const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ code, status, title: '标题', title_en: 'Title', detail: '细节', detail_en: 'Detail', ...more }),
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );
const ok = (body: unknown = {}) =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });

const sent: { request: Request; body: string }[] = [];
function answers(...list: (Response | Error)[]) {
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ request, body: await request.clone().text() });
    const next = list.shift();
    if (next instanceof Error || next === undefined) throw next ?? new Error('asked too often');
    return next;
  });
}

beforeEach(() => {
  sent.length = 0;
  guardWith({ login: async () => false, change: () => undefined });
});
afterEach(() => vi.unstubAllGlobals());

const post = (body = '{"a":1}') => new Request('http://localhost/api/v1/x', { method: 'POST', body });

describe('deskFetch', () => {
  test('marks writes as its own, and reads not', async () => {
    answers(ok(), ok());
    await deskFetch(post());
    await deskFetch(new Request('http://localhost/api/v1/x'));
    expect(sent.map(({ request }) => request.headers.get('X-Qipan'))).toEqual(['1', null]);
  });

  test('throws a problem with its number, findings and time to wait', async () => {
    answers(problem(429, 'Q4291', { errors: [{ message: '等' }] }, { 'retry-after': '30' }));
    const thrown = await deskFetch(post()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ProblemError);
    expect(thrown).toMatchObject({ code: 'Q4291', status: 429, retryAfter: 30, detail: '细节' });
  });

  test('asks to log in when the session has ended, and sends the same again', async () => {
    const login = vi.fn(async () => true);
    guardWith({ login, change: () => undefined });
    answers(problem(401, 'Q4011'), ok({ done: true }));
    const response = await deskFetch(post('{"typed":"much"}'));
    expect(await response.json()).toEqual({ done: true });
    expect(login).toHaveBeenCalledTimes(1);
    expect(sent.map(({ body }) => body)).toEqual(['{"typed":"much"}', '{"typed":"much"}']);
    expect(sent[1]?.request.headers.get('X-Qipan')).toBe('1');
  });

  test('gives up when nobody logs in, and never asks for a wrong password', async () => {
    const login = vi.fn(async () => false);
    guardWith({ login, change: () => undefined });
    answers(problem(401, 'Q4011'));
    await expect(deskFetch(post())).rejects.toMatchObject({ code: 'Q4011' });
    answers(problem(401, 'Q4012'));
    await expect(deskFetch(post())).rejects.toMatchObject({ code: 'Q4012' });
    expect(login).toHaveBeenCalledTimes(1);
  });

  test('leads to the change of a password that must be changed', async () => {
    const change = vi.fn();
    guardWith({ login: async () => false, change });
    answers(problem(403, 'Q4032'));
    await expect(deskFetch(post())).rejects.toMatchObject({ status: 403 });
    expect(change).toHaveBeenCalledOnce();
  });

  test('tells a dead network and a strange answer apart', async () => {
    answers(new TypeError('failed to fetch'));
    await expect(deskFetch(post())).rejects.toMatchObject({ code: 'Q0001', status: 0 });
    answers(new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } }));
    await expect(deskFetch(post())).rejects.toMatchObject({ code: 'HTTP 502', status: 502 });
  });

  test('passes calling off through', async () => {
    answers(new DOMException('off', 'AbortError') as unknown as Error);
    await expect(deskFetch(post())).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('takes "not modified" for an answer', async () => {
    answers(new Response(null, { status: 304 }));
    expect((await deskFetch(new Request('http://localhost/api/v1/x'))).status).toBe(304);
  });
});

test('the typed client leaves out what is not asked', async () => {
  answers(ok([]));
  await data(api.GET('/api/v1/figures', { params: { query: { period: '2021H1', as_of: undefined, by: 'link' } } }));
  expect(new URL(sent[0]?.request.url ?? '').search).toBe('?period=2021H1&by=link');
});

test('file names come as the server gave them', () => {
  expect(fileName("attachment; filename=\"a.bin\"; filename*=UTF-8''%E9%A1%B9%E7%9B%AE.xlsx")).toBe('项目.xlsx');
  expect(fileName('attachment; filename="a.csv"')).toBe('a.csv');
  expect(fileName(null)).toBeNull();
});
