import { reactive } from 'vue';
import { describe, expect, test } from 'vitest';
import type { ColumnShape, Field, Job, KeptMapping, TableShape, TodoItem } from '@/api/contract';
import { ended, percent } from '@/views/import/job';
import { changeCount, choose, doubled, fieldOf, mappingOf, missingFields, type Fix } from '@/views/import/mapping';
import { disposable, open, stepAt, stepOf } from '@/views/import/steps';
import { totals } from '@/views/import/totals';
import { queue, readable, type Upload } from '@/views/import/uploads';
import { report } from '@/views/press/report';
import { byUrgency, daysBetween, isReturn, starts } from '@/views/todo/order';

const column = (col: string, field: string | null): ColumnShape => ({
  col, header: col, field, target: field ? 'field' : 'unknown', measure: '',
});
const table = { columns: [column('B', 'code'), column('C', null), column('D', 'fund')] } as TableShape;
const field = (id: string, required: boolean): Field => ({ id, required, derived: null, retired: null }) as Field;

describe('a mapping', () => {
  test('holds only what was changed', () => {
    let fix = choose({ columns: {} }, column('C', null), 'name');
    fix = choose(fix, column('D', 'fund'), null);
    expect(mappingOf([], { 2: fix }, { 2: 'project' }, '', '')).toEqual({
      tables: [{ sheet: 2, register: 'project', columns: { C: 'name', D: null } }],
    });
    expect(mappingOf([], { 2: { register: 'park', columns: {} } }, { 2: 'project' }, '', '').tables).toEqual([{ sheet: 2, register: 'park' }]);
    fix = choose(fix, column('D', 'fund'), 'fund');
    expect(fix.columns).toEqual({ C: 'name' });
    expect(changeCount({ 0: fix, 1: { register: 'park', columns: {} }, 3: { columns: {} } })).toBe(2);
    expect(mappingOf([], { 1: { skip: true, columns: {} } }, { 1: 'fund' }, 'wanzhou', '2021H1')).toEqual({
      tables: [{ sheet: 1, skip: true }], unit: 'wanzhou', period: '2021H1',
    });
  });

  test('says again what was said before, as the server forgets it', () => {
    const kept: KeptMapping[] = [
      { sheet: 0, skip: false, register: 'project', header: 3, money: '万元', columns: { 2: 'name', 5: null } },
      { sheet: 3, skip: true, register: null, header: null, money: null, columns: {} },
    ];
    const now = (fix: Fix) => mappingOf(kept, { 0: fix }, { 0: 'project' }, '', '').tables;
    const other = { sheet: 3, skip: true };
    expect(now({ columns: { D: 'fund' } })).toEqual([
      { sheet: 0, register: 'project', header: 3, money: '万元', columns: { C: 'name', F: null, D: 'fund' } }, other,
    ]);
    // Under another register or another header the columns are others.
    expect(now({ register: 'park', columns: {} })[0]).toEqual({ sheet: 0, register: 'park', header: 3, money: '万元' });
    expect(now({ header: 4, columns: {} })[0]).toEqual({ sheet: 0, register: 'project', header: 4, money: '万元' });
    expect(now({ skip: true, columns: {} })[0]).toEqual({ sheet: 0, skip: true });
    // A sheet left out before is read after all once a register is named.
    expect(mappingOf(kept, { 3: { register: 'fund', skip: false, columns: {} } }, {}, '', '').tables[1]).toEqual({ sheet: 3, register: 'fund' });
  });

  test('tells which required fields have no column, and which have two', () => {
    const fields = [field('code', true), field('name', true), field('note', false)];
    expect(missingFields(table, undefined, fields).map((one) => one.id)).toEqual(['name']);
    const fix = choose({ columns: {} }, column('C', null), 'code');
    expect(fieldOf(column('C', null), fix)).toBe('code');
    expect(doubled(table, fix)).toEqual([{ field: 'code', columns: ['B', 'C'] }]);
    expect(doubled(table, undefined)).toEqual([]);
  });
});

test('the step is the one asked for, else where the state leads', () => {
  expect(stepOf('preview', 'ready', 0)).toBe('preview');
  expect(stepOf('', 'ready', 3)).toBe('problems');
  expect(stepOf('nonsense', 'ready', 0)).toBe('recognised');
  expect(stepOf('', 'committed', 0)).toBe('commit');
  const states = ['analysing', 'ready', 'committing', 'committed', 'refused', 'failed', 'discarded'] as const;
  expect(states.filter(open)).toEqual(['ready', 'failed']);
  expect(states.filter(disposable)).toEqual(['analysing', 'ready', 'refused', 'failed']);
  expect([stepAt(1, 'commit'), stepAt(-1, 'recognised')]).toEqual(['commit', 'recognised']);
});

const file = (name: string) => new File(['x'], name);
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('uploads', () => {
  test('go one after another, a failure does not stop the next', async () => {
    const list = reactive<Upload[]>([]);
    const order: string[] = [];
    const done: number[] = [];
    const { add } = queue(list, async (one, progress) => {
      order.push(one.name);
      progress(1);
      await settled();
      if (one.name === 'b.xlsx') throw new Error('no');
      return order.length;
    }, (upload) => done.push(upload.id));
    add([file('a.xlsx'), file('b.xlsx'), file('c.xlsx')]);
    expect(list.map((one) => one.state)).toEqual(['sending', 'waiting', 'waiting']);
    while (list.some((one) => one.state === 'waiting' || one.state === 'sending')) await settled();
    expect(order).toEqual(['a.xlsx', 'b.xlsx', 'c.xlsx']);
    expect(list.map((one) => one.state)).toEqual(['sent', 'failed', 'sent']);
    expect(done).toEqual([1, 3]);
  });

  test('can be called off, waiting or on their way', async () => {
    const list = reactive<Upload[]>([]);
    const { add, cancel, clear } = queue(list, (_, __, signal) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
    }), () => undefined);
    add([file('a.xlsx'), file('b.xlsx')]);
    cancel(list[1]?.key ?? 0);
    expect(list[1]?.state).toBe('cancelled');
    cancel(list[0]?.key ?? 0);
    await settled();
    expect(list[0]?.state).toBe('cancelled');
    clear();
    expect(list).toEqual([]);
  });

  test('are workbooks and CSV files', () => {
    expect(['a.XLSX', 'b.xls', 'c.csv', 'd.docx', 'e'].map(readable)).toEqual([true, true, true, false, false]);
  });
});

const job = (state: Job['state'], count: number, total: number | null) => ({ state, done: count, total }) as Job;

test('a job has an end and a share', () => {
  expect([job('running', 1, 3), job('done', 0, null), job('cancelled', 0, 0)].map(ended)).toEqual([false, true, true]);
  expect([percent(null), percent(job('running', 0, 0)), percent(job('running', 1, 3)), percent(job('running', 9, 3)), percent(job('done', 0, 0))]).toEqual([null, null, 33, 100, 100]);
});

test('registers of an import are added up', () => {
  const one = { register: 'a', read: 5, inserted: 1, updated: 2, unchanged: 1, rejected: 1 };
  expect(totals([one, { ...one, register: 'b' }])).toEqual({ read: 10, inserted: 2, updated: 4, unchanged: 2, rejected: 2 });
});

test('the report pastes as a table: one line a claim, cells parted by tabs', () => {
  const words = { title: 'T', summary: 'S', claim: 'c', verdict: 'v', indicator: 'i', ledger: 'l', reason: 'r' };
  const text = report([{ text: '144\t个', verdict: '一致', name: '项目\n数', ledger: '144个', reason: '' }], words);
  expect(text.split('\n')).toEqual(['T', 'S', '', '#\tc\tv\ti\tl\tr', '1\t144 个\t一致\t项目 数\t144个\t', '']);
});

const item = (severity: TodoItem['severity'], due?: string) => ({ kind: 'file', severity, due }) as TodoItem;

describe('what waits', () => {
  test('stands by weight, then by day', () => {
    const sorted = byUrgency([item('low'), item('high'), item('normal', '2021-07-10'), item('high', '2021-07-01'), item('normal', '2021-07-05')]);
    expect(sorted.map((one) => [one.severity, one.due])).toEqual([
      ['high', '2021-07-01'], ['high', undefined], ['normal', '2021-07-05'], ['normal', '2021-07-10'], ['low', undefined],
    ]);
  });

  test('is late by days', () => {
    expect(daysBetween('2021-07-01', '2021-07-10')).toBe(9);
    expect(daysBetween('2021-03-01', '2021-02-28')).toBe(-1);
  });

  test('only a return of a register, period and unit is said to be without change in one click', () => {
    const full = { kind: 'file', register: 'fund', period: '2021H1', unit: 'kaizhou' } as TodoItem;
    expect(isReturn(full)).toBe(true);
    expect(isReturn({ ...full, kind: 'missing' })).toBe(false);
    const { unit: _, ...unitless } = full;
    expect(isReturn(unitless as TodoItem)).toBe(false);
  });

  test('nothing: one may start with what one may do', () => {
    expect(starts(() => false).map((one) => one.id)).toEqual(['mechanism']);
    expect(starts((action) => action === 'accounts').map((one) => one.id)).toEqual(['accounts', 'mechanism']);
    expect(starts(() => true)).toHaveLength(6);
  });
});
