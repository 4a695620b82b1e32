// Which rows of a long list are on the screen. Browsers cannot make an element higher than some
// 17 million pixels; longer lists are mapped onto that height.

export const HIGHEST = 16_000_000;

export interface Window {
  /** Height of the scrolled content. */
  height: number;
  /** First row drawn. */
  first: number;
  /** Row after the last one drawn. */
  last: number;
  /** Pixels from the top of the content to the first row drawn. */
  top: number;
}

/** Rows drawn beyond each edge, so that a quick turn of the wheel shows no gap. */
export const MARGIN = 8;

/** Scrolled pixels for each pixel of rows: 1, or more in lists higher than `HIGHEST`. */
function ratio(total: number, row: number, view: number): number {
  const full = total * row;
  return full <= HIGHEST ? 1 : (full - view) / (HIGHEST - view);
}

export function windowAt(scrolled: number, total: number, row: number, view: number): Window {
  const height = Math.min(total * row, HIGHEST);
  const place = Math.max(0, scrolled) * ratio(total, row, view);
  const top = Math.min(Math.floor(place / row), Math.max(0, total - 1));
  const first = Math.max(0, top - MARGIN);
  const last = Math.min(total, top + Math.ceil(view / row) + 1 + MARGIN);
  return { height, first, last, top: scrolled - place + first * row };
}

/** Where to scroll so that a row is wholly seen; the same place when it is. */
export function scrollTo(index: number, scrolled: number, total: number, row: number, view: number): number {
  const by = ratio(total, row, view);
  const place = scrolled * by;
  if (index * row < place) return (index * row) / by;
  if ((index + 1) * row > place + view) return ((index + 1) * row - view) / by;
  return scrolled;
}
