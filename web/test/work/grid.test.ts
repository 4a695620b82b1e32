import { describe, expect, test } from 'vitest';
import { addressOf, cellOf, columnLetters, columnNumber } from '@/views/import/address';
import {
  columnWidths, columnWindow, contentHeight, edges, mergesIn, pagesOf, rowInSight, rowWindow, scrollTo, step,
} from '@/views/import/grid';
import { farthest, fromZero, marksByCell, mergesOf } from '@/views/import/sheet';

describe('addresses', () => {
  test('go both ways for every column of a sheet', () => {
    const columns = Array.from({ length: 16_384 }, (_, column) => column);
    expect(columns.map((column) => columnNumber(columnLetters(column)))).toEqual(columns);
    expect([0, 25, 26, 701, 702, 16_383].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
  });

  test('of cells, with and without a sheet', () => {
    expect(cellOf('项目台账!$C$12')).toEqual({ row: 11, col: 2 });
    expect(addressOf({ row: 11, col: 2 })).toBe('C12');
    for (const wrong of ['', 'C', '12', 'C0', '十二', 'ABCD1']) expect(cellOf(wrong)).toBeNull();
  });
});

describe('rows in sight', () => {
  const short = { total: 100, height: 27, viewport: 270 };
  const long = { total: 1_048_576, height: 27, viewport: 540 };

  test('of a short sheet stand where they are', () => {
    expect(rowWindow(short, 0, 0)).toEqual({ first: 0, end: 10, top: 0 });
    expect(rowWindow(short, 27 * 30, 0)).toEqual({ first: 30, end: 40, top: 27 * 30 });
    expect(rowWindow(short, 1e9, 2)).toEqual({ first: 88, end: 100, top: 27 * 88 });
    expect(rowWindow({ ...short, total: 0 }, 0)).toEqual({ first: 0, end: 0, top: 0 });
  });

  test('of a sheet as long as sheets can be fit into what browsers draw', () => {
    expect(contentHeight(long)).toBeLessThan(17_000_000);
    const last = rowWindow(long, contentHeight(long) - long.viewport, 0);
    expect(last.end).toBe(long.total);
    expect(last.end - last.first).toBeLessThanOrEqual(21);
  });

  test.each([0, 1, 5000, 524_288, 1_048_000, 1_048_575])('row %i can be scrolled to', (row) => {
    const top = scrollTo(long, row);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThanOrEqual(contentHeight(long) - long.viewport);
    const seen = rowWindow(long, top, 0);
    expect(row).toBeGreaterThanOrEqual(seen.first);
    expect(row).toBeLessThan(seen.end);
    expect(rowInSight(long, top, row)).toBe(true);
    // The row is drawn within the viewport.
    const y = seen.top + (row - seen.first) * long.height - top;
    expect(y).toBeGreaterThanOrEqual(-1);
    expect(y).toBeLessThanOrEqual(long.viewport - long.height + 1);
  });

  test('far away are forgotten, the first page never', () => {
    const firsts = [0, 120, 240, 9_960, 10_080];
    expect(farthest(firsts, 10_000, 5)).toEqual([]);
    expect(farthest(firsts, 10_000, 3)).toEqual([120, 240]);
    expect(farthest(firsts, 130, 2)).toEqual([10_080, 9_960, 240]);
  });

  test('are fetched by the page', () => {
    expect(pagesOf({ first: 0, end: 10 }, 120)).toEqual([0]);
    expect(pagesOf({ first: 110, end: 130 }, 120)).toEqual([0, 120]);
    expect(pagesOf({ first: 240, end: 360 }, 120)).toEqual([240]);
    expect(pagesOf({ first: 5, end: 5 }, 120)).toEqual([0]);
  });
});

describe('columns', () => {
  test('in sight are those between the edges', () => {
    const all = edges([100, 50, 200, 80]);
    expect(all).toEqual([0, 100, 150, 350, 430]);
    expect(columnWindow(all, 0, 120, 0)).toEqual({ first: 0, end: 2 });
    expect(columnWindow(all, 150, 150, 0)).toEqual({ first: 2, end: 3 });
    expect(columnWindow(all, 0, 9999, 1)).toEqual({ first: 0, end: 4 });
    expect(columnWindow([0], 0, 100)).toEqual({ first: 0, end: 0 });
  });

  test('are as wide as their texts, a title does not stretch them', () => {
    const rows = [['附件：2021年上半年“一区两群”区县对口协同发展项目台账汇总表', ''], ...Array.from({ length: 20 }, () => ['1', '重庆江津开州产业示范园'])];
    const [first = 0, second = 0] = columnWidths(2, rows);
    expect(first).toBe(56);
    expect(second).toBeGreaterThan(140);
    expect(Math.max(...columnWidths(1, [['长'.repeat(300)]]))).toBe(240);
  });
});

describe('merged cells and marks', () => {
  test('count from 0 within the desk', () => {
    const page = fromZero({
      name: '台账', first: 1, rows: [['题']], total_rows: 9, cols: 3, merges: [[1, 0, 1, 2]], hidden_rows: [4],
      hidden_cols: [2],
      marks: [{ row: 5, col: 1, severity: 'warning', code: 'S2106', message: '余', message_en: 'about' }],
      changes: [{ row: 5, what: 'insert' }],
    });
    expect([page.first, page.merges, page.hidden_rows, page.hidden_cols]).toEqual([0, [[0, 0, 0, 2]], [3], [2]]);
    expect([page.marks[0]?.row, page.marks[0]?.col, page.changes[0]?.row]).toEqual([4, 1, 4]);
  });

  test('of several pages are the same ones once', () => {
    const merges = mergesOf([{ merges: [[0, 0, 200, 0]] }, { merges: [[0, 0, 200, 0], [150, 1, 151, 1]] }]);
    expect(merges).toHaveLength(2);
    expect(mergesIn(merges, { first: 0, end: 40 }, { first: 0, end: 5 })).toEqual([[0, 0, 200, 0]]);
    expect(mergesIn(merges, { first: 151, end: 190 }, { first: 1, end: 5 })).toEqual([[150, 1, 151, 1]]);
  });

  test('an error goes before a warning', () => {
    const mark = { row: 2, col: 3, message: '', message_en: '' };
    const marks = marksByCell([
      { marks: [{ ...mark, severity: 'warning', code: 'S2106' }, { ...mark, severity: 'error', code: 'S2101' }] },
      { marks: [{ ...mark, severity: 'error', code: 'S2101' }] },
    ]);
    expect(marks.get('2,3')?.map((one) => one.code)).toEqual(['S2101', 'S2106']);
  });
});

describe('keys', () => {
  test('move within the sheet', () => {
    const at = { row: 0, col: 0 };
    expect(step('ArrowUp', at, 10, 4, 5)).toEqual(at);
    expect(step('ArrowDown', at, 10, 4, 5)).toEqual({ row: 1, col: 0 });
    expect(step('PageDown', { row: 7, col: 1 }, 10, 4, 5)).toEqual({ row: 9, col: 1 });
    expect(step('End', at, 10, 4, 5)).toEqual({ row: 0, col: 3 });
    expect(step('x', at, 10, 4, 5)).toBeNull();
  });
});
