// Columns of a register's list, in the order and with the widths of people's own workbook.

import type { Field, Register } from '@/api/contract';

export interface Column {
  field: Field;
  /** Pixels. */
  width: number;
  /** Pixels from the left edge while frozen; `null` when it scrolls. */
  frozen: number | null;
  numeric: boolean;
}

export interface Head {
  text: string;
  width: number;
  frozen: number | null;
  /** Columns below it. */
  span: number;
}

const CHARACTER = 8;
const PADDING = 24;
const NARROWEST = 84;
const WIDEST = 320;
/** Pixels of the box before each row. */
export const BOX = 40;
/** Pixels that frozen columns may take. */
const FROZEN = 420;

export function isNumeric(field: Field): boolean {
  return ['int', 'decimal', 'money', 'area'].includes(field.type);
}

/** Fields in the order in which people know them; those out of use last, and not shown by themselves. */
export function choosable(register: Register): Field[] {
  return [...register.fields.filter((field) => field.retired === null), ...register.fields.filter((field) => field.retired !== null)];
}

export function defaultColumns(register: Register): string[] {
  return register.fields.filter((field) => field.retired === null).map((field) => field.id);
}

export function widthOf(field: Field, labelLength: number): number {
  const said = (field.width ?? 14) * CHARACTER + PADDING;
  // Two lines of head are enough for any label; numbers need room for their digits.
  const label = Math.ceil(labelLength / 2) * 14 + PADDING + 16;
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, said, label)));
}

export function columnsOf(register: Register, chosen: string[], label: (field: Field) => string, freeze = true): Column[] {
  const fields = new Map(register.fields.map((field) => [field.id, field]));
  let left = BOX;
  let freezing = freeze;
  const columns: Column[] = [];
  for (const id of chosen) {
    const field = fields.get(id);
    if (!field) continue;
    const width = widthOf(field, label(field).length);
    // The key and the name stay in sight: the first columns, as far as there is room.
    if (columns.length >= 2 || left + width > FROZEN) freezing = false;
    columns.push({ field, width, frozen: freezing ? left : null, numeric: isNumeric(field) });
    if (freezing) left += width;
  }
  return columns;
}

/** Which columns are on the screen: the frozen ones, and a stretch of the others. */
export interface Stretch {
  /** First column drawn of those that scroll, and the one after the last. */
  from: number;
  to: number;
  /** Pixels of the columns left out before it. */
  before: number;
}

/** The columns seen at a place of the scrollbar, with one more on each side. */
export function stretchAt(columns: Column[], scrolled: number, view: number): Stretch {
  const frozen = columns.filter((column) => column.frozen !== null).length;
  const edge = BOX + columns.slice(0, frozen).reduce((sum, column) => sum + column.width, 0);
  let from = frozen;
  let before = 0;
  // A column is out of sight once its right edge has gone under the frozen ones.
  while (from < columns.length - 1 && before + (columns[from]?.width ?? 0) <= scrolled) {
    before += columns[from]?.width ?? 0;
    from += 1;
  }
  let to = from;
  let right = before;
  while (to < columns.length && right - scrolled < view - edge) {
    right += columns[to]?.width ?? 0;
    to += 1;
  }
  if (from > frozen) {
    from -= 1;
    before -= columns[from]?.width ?? 0;
  }
  return { from, to: Math.min(columns.length, to + 1), before };
}

/** The row of heads above the labels: neighbours with the same head share one cell. */
export function headsOf(columns: Column[]): Head[] {
  const heads: Head[] = [];
  for (const column of columns) {
    const text = column.field.group?.[0] ?? '';
    const last = heads.at(-1);
    const joins = last !== undefined && last.text === text && text !== '' && (last.frozen === null) === (column.frozen === null);
    if (joins) {
      last.width += column.width;
      last.span += 1;
    } else heads.push({ text, width: column.width, frozen: column.frozen, span: 1 });
  }
  return heads;
}
