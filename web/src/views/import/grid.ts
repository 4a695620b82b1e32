// The arithmetic of the picture of a sheet: which rows and columns are in sight, and where they stand.
// A sheet has up to a million rows; browsers stop growing an element at some 17 million pixels, so a
// long sheet is scrolled on a scale: positions on the scroll bar are stretched, rows keep their height.

/** Tallest scroll content that every browser draws. */
const TALLEST = 8_000_000;

export interface Rows {
  total: number;
  height: number;
  viewport: number;
}

export interface Span {
  first: number;
  /** One behind the last. */
  end: number;
}

export interface RowWindow extends Span {
  /** Where row `first` stands within the scroll content. */
  top: number;
}

/** Height of the scroll content. */
export function contentHeight(rows: Rows): number {
  return Math.min(rows.total * rows.height, TALLEST);
}

/** How far the rows run behind the scroll bar, per pixel of it. */
function stretch(rows: Rows): number {
  const real = rows.total * rows.height - rows.viewport;
  const bar = contentHeight(rows) - rows.viewport;
  return real <= 0 || bar <= 0 ? 1 : real / bar;
}

/** Rows in sight at a scroll position, with `spare` more on both sides. */
export function rowWindow(rows: Rows, scrollTop: number, spare = 6): RowWindow {
  if (rows.total === 0) return { first: 0, end: 0, top: 0 };
  const bar = Math.max(0, Math.min(scrollTop, contentHeight(rows) - rows.viewport));
  const real = bar * stretch(rows);
  const first = Math.max(0, Math.floor(real / rows.height) - spare);
  const end = Math.min(rows.total, Math.ceil((real + rows.viewport) / rows.height) + spare);
  return { first, end, top: bar + first * rows.height - real };
}

/** Scroll position that puts a row into the middle of the viewport. */
export function scrollTo(rows: Rows, row: number): number {
  const real = row * rows.height - (rows.viewport - rows.height) / 2;
  const most = Math.max(0, rows.total * rows.height - rows.viewport);
  return Math.max(0, Math.min(real, most)) / stretch(rows);
}

/** Whether a row is wholly in sight. */
export function rowInSight(rows: Rows, scrollTop: number, row: number): boolean {
  const real = scrollTop * stretch(rows);
  return row * rows.height >= real && (row + 1) * rows.height <= real + rows.viewport;
}

/** Left edges of the columns and, last, the right edge of all. */
export function edges(widths: readonly number[]): number[] {
  const all = [0];
  for (const width of widths) all.push((all[all.length - 1] ?? 0) + width);
  return all;
}

/** Columns in sight between two positions. */
export function columnWindow(all: readonly number[], left: number, width: number, spare = 1): Span {
  const count = all.length - 1;
  if (count <= 0) return { first: 0, end: 0 };
  const first = Math.min(count - 1, at(all, left));
  const end = Math.min(count, at(all, left + width) + 1);
  return { first: Math.max(0, first - spare), end: Math.min(count, end + spare) };
}

/** Index of the last edge that is not right of a position. */
function at(all: readonly number[], position: number): number {
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((all[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Width of a text in pixels at 13 px: wide characters count double. */
export function textWidth(text: string): number {
  let units = 0;
  for (const char of text) units += (char.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1.1;
  return Math.ceil(units * 6.6);
}

/** Column widths that show most of what the sample says, none of them too wide or too narrow. */
export function columnWidths(columns: number, sample: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (let column = 0; column < columns; column += 1) {
    const wanted = sample
      .map((row) => textWidth((row[column] ?? '').split('\n', 1)[0] ?? ''))
      .filter((width) => width > 0)
      .sort((a, b) => a - b);
    // The ninth decile, so that one title of a whole line does not push the other columns away.
    const most = wanted[Math.min(wanted.length - 1, Math.floor(wanted.length * 0.9))] ?? 0;
    widths.push(Math.max(56, Math.min(240, most + 18)));
  }
  return widths;
}

/** First row, first column, last row, last column; from 0, both ends included. */
export type Merge = readonly [number, number, number, number];

/** Merged ranges that reach into a window. */
export function mergesIn(merges: readonly Merge[], rows: Span, columns: Span): Merge[] {
  return merges.filter(
    ([top, left, bottom, right]) =>
      top < rows.end && bottom >= rows.first && left < columns.end && right >= columns.first,
  );
}

/** The pages of `size` rows that a window needs, by their first row. */
export function pagesOf(rows: Span, size: number): number[] {
  const pages: number[] = [];
  for (let first = Math.floor(rows.first / size) * size; first < rows.end; first += size) pages.push(first);
  return pages;
}

/** The cell that an arrow key leads to; `null` when the key moves nothing. */
export function step(
  key: string,
  from: { row: number; col: number },
  rows: number,
  columns: number,
  page: number,
): { row: number; col: number } | null {
  const move = (row: number, col: number) => ({
    row: Math.max(0, Math.min(rows - 1, row)),
    col: Math.max(0, Math.min(columns - 1, col)),
  });
  switch (key) {
    case 'ArrowUp':
      return move(from.row - 1, from.col);
    case 'ArrowDown':
      return move(from.row + 1, from.col);
    case 'ArrowLeft':
      return move(from.row, from.col - 1);
    case 'ArrowRight':
      return move(from.row, from.col + 1);
    case 'PageUp':
      return move(from.row - page, from.col);
    case 'PageDown':
      return move(from.row + page, from.col);
    case 'Home':
      return move(from.row, 0);
    case 'End':
      return move(from.row, columns - 1);
    default:
      return null;
  }
}
