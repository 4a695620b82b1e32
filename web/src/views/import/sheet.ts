// The pages of a sheet that have been fetched, and what is known of it so far.
import { computed, shallowReactive, shallowRef, watch, type Ref } from 'vue';
import { pagesOf, type Merge, type Span } from './grid';
import { api, data } from '@/api/client';
import type { RowFate, SheetPage } from '@/api/contract';
import { asProblem, type ProblemError } from '@/api/errors';

/** Rows fetched at once. */
const PAGE = 120;

export type Mark = SheetPage['marks'][number];

/** Pages kept at once; a sheet of a million rows has 8,000. */
const MOST = 60;

/** Pages to forget so that no more than `most` stay: those farthest from a row, never the first. */
export function farthest(firsts: readonly number[], row: number, most: number): number[] {
  if (firsts.length <= most) return [];
  return firsts
    .filter((first) => first !== 0)
    .sort((a, b) => Math.abs(b - row) - Math.abs(a - row))
    .slice(0, firsts.length - most);
}

/** `row,col` */
export const keyOf = (row: number, col: number): string => `${row},${col}`;

/** Marks by their cell, errors before warnings. */
export function marksByCell(pages: Iterable<Pick<SheetPage, 'marks'>>): Map<string, Mark[]> {
  const all = new Map<string, Mark[]>();
  for (const page of pages) {
    for (const mark of page.marks) {
      const key = keyOf(mark.row, mark.col);
      const list = all.get(key) ?? [];
      if (list.some((one) => one.code === mark.code && one.message === mark.message)) continue;
      list.push(mark);
      all.set(key, list);
    }
  }
  for (const list of all.values()) list.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
  return all;
}

/** Merged ranges of all pages, each once. */
export function mergesOf(pages: Iterable<Pick<SheetPage, 'merges'>>): Merge[] {
  const all = new Map<string, Merge>();
  for (const page of pages) {
    for (const [top = 0, left = 0, bottom = 0, right = 0] of page.merges) {
      all.set(`${top},${left},${bottom},${right}`, [top, left, bottom, right]);
    }
  }
  return [...all.values()];
}

/** The same page with rows counted from 0, as they are everywhere here. */
export function fromZero(page: SheetPage): SheetPage {
  return {
    ...page,
    first: page.first - 1,
    merges: page.merges.map(([top = 1, left = 0, bottom = 1, right = 0]) => [top - 1, left, bottom - 1, right]),
    hidden_rows: page.hidden_rows.map((row) => row - 1),
    marks: page.marks.map((mark) => ({ ...mark, row: mark.row - 1 })),
    changes: page.changes.map((change) => ({ ...change, row: change.row - 1 })),
  };
}

/** A sheet of an import, fetched page by page as its rows come into sight. */
export function useSheet(id: () => number, nth: () => number, version: () => unknown) {
  const pages = shallowReactive(new Map<number, SheetPage>());
  const asked = new Set<number>();
  const problem: Ref<ProblemError | null> = shallowRef(null);
  let round = 0;

  async function fetchPage(first: number): Promise<void> {
    if (asked.has(first)) return;
    asked.add(first);
    const mine = round;
    try {
      const path = { id: id(), nth: nth() };
      const query = { from: first + 1, rows: PAGE };
      const page = await data(api.GET('/api/v1/imports/{id}/sheets/{nth}', { params: { path, query } }));
      if (mine !== round) return;
      pages.set(first, fromZero(page));
      problem.value = null;
    } catch (thrown) {
      if (mine !== round) return;
      asked.delete(first);
      problem.value = asProblem(thrown);
    }
  }

  function need(rows: Span): void {
    for (const first of pagesOf(rows, PAGE)) void fetchPage(first);
    for (const first of farthest([...pages.keys()], rows.first, MOST)) {
      pages.delete(first);
      asked.delete(first);
    }
  }

  watch([id, nth, version], () => {
    round += 1;
    pages.clear();
    asked.clear();
    problem.value = null;
    void fetchPage(0);
  }, { immediate: true });

  const head = computed(() => pages.get(0) ?? null);
  const marks = computed(() => marksByCell(pages.values()));
  const merges = computed(() => mergesOf(pages.values()));
  const fates = computed(() => {
    const all = new Map<number, RowFate>();
    for (const page of pages.values()) for (const change of page.changes) all.set(change.row, change.what);
    return all;
  });
  const hiddenRows = computed(() => new Set([...pages.values()].flatMap((page) => page.hidden_rows)));
  const hiddenCols = computed(() => new Set(head.value?.hidden_cols ?? []));

  /** Text of a cell; `null` while its page is not there. */
  function text(row: number, col: number): string | null {
    const first = Math.floor(row / PAGE) * PAGE;
    const page = pages.get(first);
    if (!page) return null;
    return page.rows[row - page.first]?.[col] ?? '';
  }

  return { head, marks, merges, fates, hiddenRows, hiddenCols, problem, need, text };
}
