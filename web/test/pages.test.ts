import { describe, expect, test } from 'vitest';
import { AHEAD, BLOCK, KEPT, PagedRows, STRIDE, type PageAsked } from '@/views/registers/lib/pages';
import { HIGHEST, MARGIN, scrollTo, windowAt } from '@/views/registers/lib/windowing';

/** A list of so many rows; each row is its own index. */
function list(total: number, told = total) {
  const asked: PageAsked[] = [];
  const rows = new PagedRows<number>(async (page) => {
    asked.push(page);
    const from = Number(page.after ?? 0);
    const to = Math.min(from + page.limit, total);
    return { records: Array.from({ length: to - from }, (_, nth) => from + nth), total: told, next: to < total ? String(to) : null, as_of: 't' };
  }, () => undefined);
  return { rows, asked };
}

describe('rows read by keyset pages', () => {
  test('come as they are looked at, a little ahead', async () => {
    const { rows, asked } = list(1000);
    await rows.want(0, 20);
    expect([rows.total, rows.row(0), rows.row(19), rows.asOf]).toEqual([1000, 0, 19, 't']);
    expect(asked.length).toBe(2);
    await rows.want(0, 20);
    expect(asked.length).toBe(2);
    await rows.want(150, 170);
    expect(rows.row(169)).toBe(169);
  });

  test('far away are reached in strides that carry no rows', async () => {
    const { rows, asked } = list(1_000_000);
    await rows.want(0, 20);
    asked.length = 0;
    await rows.want(50_010, 50_030);
    expect([rows.row(50_010), rows.row(50_029)]).toEqual([50_010, 50_029]);
    expect(asked.filter((page) => page.marksOnly).every((page) => page.limit === STRIDE)).toBe(true);
    expect(asked.filter((page) => page.marksOnly).length).toBe(49);
    expect(asked.filter((page) => !page.marksOnly).length).toBeLessThanOrEqual(STRIDE / BLOCK + 4);
    // The way is known the next time.
    asked.length = 0;
    await rows.want(30_010, 30_030);
    expect(rows.row(30_010)).toBe(30_010);
    expect(asked.some((page) => page.marksOnly)).toBe(false);
  });

  test('are let go when they are far', async () => {
    const { rows } = list(20_000);
    for (let at = 0; at < 20_000; at += 50) await rows.want(at, at + 30);
    expect(rows.kept).toBeLessThanOrEqual(KEPT + BLOCK);
    expect(rows.row(19_990)).toBe(19_990);
    expect(rows.row(0)).toBeUndefined();
    await rows.want(0, 30);
    expect(rows.row(0)).toBe(0);
  });

  test('follow the latest wish', async () => {
    const { rows } = list(100_000);
    const first = rows.want(90_000, 90_020);
    const second = rows.want(10, 30);
    await Promise.all([first, second]);
    expect(rows.row(10)).toBe(10);
    expect(rows.row(90_000)).toBeUndefined();
  });

  test('say what went wrong, and go on when asked again', async () => {
    let broken = true;
    const rows = new PagedRows<number>(async () => {
      if (broken) throw new Error('down');
      return { records: [1], total: 1, next: null, as_of: 't' };
    }, () => undefined);
    await rows.want(0, 10);
    expect(rows.error).toBeInstanceOf(Error);
    await rows.want(0, 10);
    expect(rows.known).toBe(false);
    broken = false;
    await rows.retry();
    expect([rows.error, rows.row(0)]).toEqual([null, 1]);
  });

  test('end where they end, whatever the total said', async () => {
    const { rows } = list(130, 500);
    await rows.want(100, 140);
    expect(rows.total).toBe(130);
    const { rows: none } = list(0);
    await none.want(0, 20);
    expect([none.known, none.total]).toEqual([true, 0]);
  });

  test('are not read once nobody looks', async () => {
    const { rows, asked } = list(1_000_000);
    const reading = rows.want(900_000, 900_020);
    rows.end();
    await reading;
    expect(asked.length).toBe(1);
  });

  test('between two rows are those that are there', async () => {
    const { rows } = list(50);
    await rows.want(0, 50);
    expect(rows.between(7, 4)).toEqual([4, 5, 6, 7]);
    expect(AHEAD).toBeGreaterThan(0);
  });
});

describe('the window on a long list', () => {
  test('draws what is seen and a margin', () => {
    const { first, last, top, height } = windowAt(3600, 1000, 36, 500);
    expect([first, last, top, height]).toEqual([100 - MARGIN, 100 + 14 + 1 + MARGIN, (100 - MARGIN) * 36, 36_000]);
    expect(windowAt(0, 3, 36, 500)).toMatchObject({ first: 0, last: 3, top: 0 });
  });

  test('reaches both ends of a list that is higher than browsers can draw', () => {
    const [total, row, view] = [1_000_000, 36, 500];
    expect(windowAt(0, total, row, view)).toMatchObject({ first: 0, top: 0, height: HIGHEST });
    const end = windowAt(HIGHEST - view, total, row, view);
    expect(end.last).toBe(total);
    // The last row ends where the content ends.
    expect(end.top + (total - end.first) * row).toBeCloseTo(HIGHEST, 3);
  });

  test('scrolls no further than a row needs', () => {
    for (const total of [1000, 1_000_000]) {
      const view = 500;
      for (const index of [0, 1, 400, total - 1]) {
        const scrolled = scrollTo(index, 0, total, 36, view);
        const seen = windowAt(scrolled, total, 36, view);
        const y = seen.top + (index - seen.first) * 36 - scrolled;
        expect(y).toBeGreaterThanOrEqual(-0.01);
        expect(y + 36).toBeLessThanOrEqual(view + 0.01);
        expect(scrollTo(index, scrolled, total, 36, view)).toBe(scrolled);
      }
    }
  });
});
