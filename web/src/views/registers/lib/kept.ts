// Choices of one person in this browser: columns of a register, the unit of money.

import { YUAN, isMoneyUnit, type MoneyUnit } from './yuan';

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function keptColumns(shelf: Shelf, register: string): string[] | null {
  try {
    const found: unknown = JSON.parse(shelf.getItem(`qipan.columns.${register}`) ?? 'null');
    return Array.isArray(found) && found.every((id) => typeof id === 'string') && found.length > 0 ? found : null;
  } catch {
    return null;
  }
}

export function keepColumns(shelf: Shelf, register: string, columns: string[] | null): void {
  try {
    if (columns === null) shelf.removeItem(`qipan.columns.${register}`);
    else shelf.setItem(`qipan.columns.${register}`, JSON.stringify(columns));
  } catch {
    // The choice then holds for this page alone.
  }
}

/** The unit that money is typed and shown in: one's own, else that of the workbook. */
export function keptMoney(shelf: Shelf, register: string, layout: string | undefined): MoneyUnit {
  let own: unknown = null;
  try {
    own = shelf.getItem(`qipan.money.${register}`);
  } catch {
    // As if nothing were kept.
  }
  if (isMoneyUnit(own)) return own;
  return isMoneyUnit(layout) ? layout : YUAN;
}

export function keepMoney(shelf: Shelf, register: string, unit: MoneyUnit): void {
  try {
    shelf.setItem(`qipan.money.${register}`, unit);
  } catch {
    // The choice then holds for this page alone.
  }
}
