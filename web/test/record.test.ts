import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nextTick } from 'vue';
import type { Field, RecordShape, Register } from '@/api/contract';
import { PAUSE, useRecord } from '@/views/registers/record/useRecord';

const field = (id: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  id, label: id, label_en: id, type, measure: '', measure_en: '', required: false, options: [], derived: null, personal: false, retired: null, help: '', help_en: '', ...more,
});
const register: Register = {
  about: { id: 'project', code: 'T2', name: '', name_en: '', theme: '', reporter: 'recipient', frequency: 'month' },
  key: ['code'], supporter: null, recipient: null, date: null, rules: [],
  fields: [field('code', 'text', { required: true }), field('fund', 'money'), field('person', 'text', { personal: true })],
};
const record: RecordShape = {
  record: 7, rev: 3, key: 'P1', confirmation: 'agreed', retracted: false, entry: 9, ended: null, source: '', place: '',
  values: { code: 'P1', fund: 100, person: '王*' },
};

interface Sent { method: string; path: string; body: unknown; match: string | null; key: string | null }
let sent: Sent[] = [];
let answers: Record<string, () => Response> = {};
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const refused = (status: number, code: string, more: object = {}) => json({ code, status, title: '', title_en: '', detail: '', detail_en: '', ...more }, status);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answers = { 'POST /check': () => json({ values: { code: 'P1' }, problems: [] }) };
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname.replace(/^.*\/registers\/project/, '');
    sent.push({ method: request.method, path, body: await request.json(), match: request.headers.get('if-match'), key: request.headers.get('idempotency-key') });
    return (answers[`${request.method} ${path}`] ?? (() => refused(404, 'Q4041')))();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a record at work', () => {
  test('is checked after a pause, once for many keys', async () => {
    const work = useRecord(register, () => false);
    work.load(record);
    for (const text of ['1', '12', '123']) {
      work.set('fund', text);
      await nextTick();
    }
    expect(sent).toEqual([]);
    answers['POST /check'] = () => json({ values: {}, problems: [{ field: 'fund', code: 'x', severity: 'warning', message: 'm', message_en: 'm' }] });
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(sent.map(({ path, body }) => [path, body])).toEqual([['/check', { values: { code: 'P1', fund: 123 }, record: 7 }]]);
    expect(work.problems.value).toHaveLength(1);
  });

  test('that is new shows problems of what was touched only, until it is saved', async () => {
    const work = useRecord(register, () => false);
    work.load(null);
    const missing = { field: 'code', code: 'E2003', severity: 'error', message: 'm', message_en: 'm' };
    answers['POST /check'] = () => json({ values: {}, problems: [missing] });
    work.set('fund', '1');
    await nextTick();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(work.problems.value).toEqual([]);
    answers['POST /records'] = () => refused(422, 'Q4232', { problems: [missing] });
    work.reason.value = '月报';
    expect(await work.save()).toBeNull();
    expect(work.problems.value).toEqual([missing]);
    expect(work.failure.value?.status).toBe(422);
    expect(work.values['fund']).toBe('1');
  });

  test('sends what changed with the revision it started from', async () => {
    const work = useRecord(register, () => false);
    work.load(record);
    work.set('fund', '200.5');
    work.reason.value = ' 月报 ';
    answers['PATCH /records/7'] = () => json({ ...record, rev: 4, values: { ...record.values, fund: 200.5 } });
    const written = await work.save();
    expect(written?.rev).toBe(4);
    expect(sent.at(-1)).toMatchObject({ match: '"r3"', body: { values: { fund: 200.5 }, reason: '月报' } });
    expect([work.dirty.value, work.reason.value, work.record.value?.rev]).toEqual([false, '', 4]);
  });

  test('of two people keeps everything typed and goes on from the newer revision', async () => {
    const work = useRecord(register, () => false);
    work.load(record);
    work.set('fund', '200');
    work.reason.value = '月报';
    const current = { ...record, rev: 5, values: { ...record.values, fund: 300 } };
    answers['PATCH /records/7'] = () => refused(412, 'Q4121', { current, by: { actor: 'li', name: '', at: '', reason: '' }, changes: [] });
    expect(await work.save()).toBeNull();
    expect([work.conflict.value?.current.rev, work.values['fund'], work.failure.value]).toEqual([5, '200', null]);
    work.rebase(current, { ...work.values });
    expect([work.record.value?.rev, work.changed.value, work.reason.value, work.conflict.value]).toEqual([5, ['fund'], '月报', null]);
  });

  test('that is new is sent again under the same number until something is changed', async () => {
    const work = useRecord(register, () => false);
    work.load(null);
    work.set('code', 'P9');
    work.reason.value = 'x';
    await nextTick();
    answers['POST /records'] = () => refused(503, 'Q5031');
    await work.save();
    await work.save();
    work.set('code', 'P10');
    await nextTick();
    await work.save();
    const keys = sent.filter(({ path }) => path === '/records').map(({ key }) => key);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect([keys[1] === keys[0], keys[2] === keys[0]]).toEqual([true, false]);
  });

  test('is unsaved while something stands there that is no number', () => {
    const work = useRecord(register, () => false);
    work.load(record);
    work.setUnread('fund', '约3万');
    expect(work.dirty.value).toBe(true);
    work.setUnread('fund', null);
    expect(work.dirty.value).toBe(false);
  });
});
