// Corrections of what was recognised: a register for a sheet, a field for a column.
import { columnNumber } from './address';
import type { ColumnShape, Field, Mapping, TableShape } from '@/api/contract';

/** What a person has changed about one table. */
export interface Fix {
  register?: string;
  /** The sheet is not to be read at all. */
  skip?: boolean;
  columns: Record<string, string | null>;
}

/** Whether it says anything. */
function says(fix: Fix | undefined): boolean {
  return fix !== undefined && (fix.skip === true || fix.register !== undefined || Object.keys(fix.columns).length > 0);
}

/** Changes by the number of the sheet. */
export type Fixes = Record<number, Fix>;

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
  return Object.values(fixes).reduce((sum, fix) => sum + (fix.skip ? 1 : 0) + (fix.register ? 1 : 0) + Object.keys(fix.columns).length, 0);
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

/**
 * The body of the request: only what was changed. Columns go with the register that they were shown
 * for, so that the sheet is not taken for another one now.
 */
export function mappingOf(fixes: Fixes, registers: Record<number, string | null>, unit: string, period: string): Mapping {
  const tables = Object.entries(fixes)
    .filter(([, fix]) => says(fix))
    .map(([sheet, fix]) => ({
      sheet: Number(sheet),
      ...(fix.skip ? { skip: true } : {}),
      ...registerOf(fix, registers[Number(sheet)] ?? null),
      ...(Object.keys(fix.columns).length ? { columns: fix.columns } : {}),
    }));
  return { tables, ...(unit ? { unit } : {}), ...(period ? { period } : {}) };
}

function registerOf(fix: Fix, shown: string | null): { register?: string } {
  const register = fix.register ?? (Object.keys(fix.columns).length ? shown : null);
  return register ? { register } : {};
}

/** Columns from left to right. */
export function byPlace(columns: readonly ColumnShape[]): ColumnShape[] {
  return [...columns].sort((a, b) => (columnNumber(a.col) ?? 0) - (columnNumber(b.col) ?? 0));
}
