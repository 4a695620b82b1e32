// Corrections of what was recognised: a register for a sheet, its header, its money unit, a field
// for a column. The server forgets what was said before, so a request says all of it again.
import { columnLetters, columnNumber } from './address';
import type { ColumnShape, Field, KeptMapping, Mapping, TableShape } from '@/api/contract';

/** The word for 对方确认 instead of a field. */
export const CONFIRMATION = '_state';

/** What a person has changed about one sheet. */
export interface Fix {
  register?: string;
  /** The sheet is not to be read at all, or is to be read after all. */
  skip?: boolean;
  /** Last row of the header, from 1. */
  header?: number;
  money?: string;
  columns: Record<string, string | null>;
}

/** Changes by the number of the sheet. */
export type Fixes = Record<number, Fix>;

/** How much it says. */
function weight(fix: Fix): number {
  const { columns, ...rest } = fix;
  return Object.keys(columns).length + Object.values(rest).filter((one) => one !== undefined).length;
}

/** The field that a column has after the change. */
export function fieldOf(column: ColumnShape, fix: Fix | undefined): string | null {
  const changed = fix?.columns[column.col];
  return changed === undefined ? column.field : changed;
}

/** Notes a choice; one that goes back to what was recognised is no change. */
export function choose(fix: Fix, column: ColumnShape, field: string | null): Fix {
  const columns = { ...fix.columns };
  if (field === column.field) delete columns[column.col];
  else columns[column.col] = field;
  return { ...fix, columns };
}

/** How many things were changed. */
export function changeCount(fixes: Fixes): number {
  return Object.values(fixes).reduce((sum, fix) => sum + weight(fix), 0);
}

/** Required fields that no column fills. */
export function missingFields(table: TableShape, fix: Fix | undefined, fields: readonly Field[]): Field[] {
  const filled = new Set(table.columns.map((column) => fieldOf(column, fix)));
  return fields.filter((field) => field.required && !field.derived && !field.retired && !filled.has(field.id));
}

/** Fields that more than one column claims, with the columns. */
export function doubled(table: TableShape, fix: Fix | undefined): { field: string; columns: string[] }[] {
  const by = new Map<string, string[]>();
  for (const column of table.columns) {
    const field = fieldOf(column, fix);
    if (field) by.set(field, [...(by.get(field) ?? []), column.col]);
  }
  return [...by].filter(([, columns]) => columns.length > 1).map(([field, columns]) => ({ field, columns }));
}

type Said = Mapping['tables'][number];

/** What was said of a sheet before, with columns by their letters. */
function before(kept: KeptMapping): Said {
  const columns = Object.entries(kept.columns).map(([column, field]) => [columnLetters(Number(column)), field]);
  return {
    sheet: kept.sheet,
    ...(kept.skip ? { skip: true } : {}),
    ...(kept.register ? { register: kept.register } : {}),
    ...(kept.header ? { header: kept.header } : {}),
    ...(kept.money ? { money: kept.money } : {}),
    ...(columns.length ? { columns: Object.fromEntries(columns) as Record<string, string | null> } : {}),
  };
}

/** What is said of a sheet now. Columns go with the register that they were shown for. */
function after(said: Said, fix: Fix, shown: string | null): Said {
  if (fix.skip) return { sheet: said.sheet, skip: true };
  // The columns of another register, or under another header, are others.
  const anew = fix.register !== undefined || fix.header !== undefined;
  const columns = { ...(anew ? {} : said.columns), ...fix.columns };
  const register = fix.register ?? said.register ?? (Object.keys(columns).length ? shown : null);
  const header = fix.header ?? said.header;
  const money = fix.money ?? said.money;
  return {
    sheet: said.sheet,
    ...(said.skip && fix.skip === undefined ? { skip: true } : {}),
    ...(register ? { register } : {}),
    ...(header ? { header } : {}),
    ...(money ? { money } : {}),
    ...(Object.keys(columns).length ? { columns } : {}),
  };
}

/** The body of the request: everything that was ever said of the workbook. */
export function mappingOf(
  kept: readonly KeptMapping[],
  fixes: Fixes,
  registers: Record<number, string | null>,
  unit: string,
  period: string,
): Mapping {
  const all = new Map<number, Said>(kept.map((one) => [one.sheet, before(one)]));
  for (const [sheet, fix] of Object.entries(fixes)) {
    if (weight(fix) === 0) continue;
    const nth = Number(sheet);
    all.set(nth, after(all.get(nth) ?? { sheet: nth }, fix, registers[nth] ?? null));
  }
  return {
    tables: [...all.values()].sort((a, b) => a.sheet - b.sheet),
    ...(unit ? { unit } : {}),
    ...(period ? { period } : {}),
  };
}

/** Columns from left to right. */
export function byPlace(columns: readonly ColumnShape[]): ColumnShape[] {
  return [...columns].sort((a, b) => (columnNumber(a.col) ?? 0) - (columnNumber(b.col) ?? 0));
}
