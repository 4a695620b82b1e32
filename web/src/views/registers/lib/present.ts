// Values as people read them.

import type { Field, Unit, Value } from '@/api/contract';
import { withUnit } from '@/composables/number';
import { digits, grouped, minus } from './decimal';
import { inUnit } from './money';
import { YEAR, type MoneyUnit } from './yuan';

export interface Presenting {
  english: boolean;
  money: MoneyUnit;
  /** Name of a unit of money. */
  moneyWord(unit: MoneyUnit): string;
  /** A unit of measure in the language of the page. */
  yes: string;
  no: string;
  unit(id: string): string;
}

export function labelOf(field: Field, english: boolean): string {
  return english && field.label_en !== '' ? field.label_en : field.label;
}

export function optionOf(field: Field, option: string, english: boolean): string {
  if (!english) return option;
  return field.options_en?.[field.options.indexOf(option)] || option;
}

/** A value of a field; empty when nothing is stated. */
export function shown(field: Field, value: Value | undefined, by: Presenting): string {
  if (value === null || value === undefined || value === '') return '';
  switch (field.type) {
    case 'money': {
      const yuan = digits(value);
      return yuan === null ? String(value) : grouped(inUnit(yuan, by.money));
    }
    case 'int':
    case 'decimal':
    case 'area': {
      const number = digits(value);
      // A year is a number that nobody writes with a comma.
      if (number === null || field.measure === YEAR) return String(value);
      return grouped(number);
    }
    case 'bool': return value === true ? by.yes : by.no;
    case 'unit': return by.unit(String(value));
    case 'choice': return optionOf(field, String(value), by.english);
    default: return String(value);
  }
}

/** Unit of measure as it stands behind a number; a year stands alone. */
export function measureOf(field: Field, by: Pick<Presenting, 'english' | 'money' | 'moneyWord'>): string {
  if (field.type === 'money') return by.moneyWord(by.money);
  if (field.measure === YEAR) return '';
  return (by.english && field.measure_en) || field.measure;
}

/** A value with its measure. */
export function measured(words: string, field: Field, by: Pick<Presenting, 'english' | 'money' | 'moneyWord'>): string {
  return withUnit(words, measureOf(field, by));
}

/** By how much a number moved, with its sign; `null` when there is nothing to compare. */
export function moved(field: Field, before: Value, after: Value, by: Presenting): string | null {
  if (!['int', 'decimal', 'money', 'area'].includes(field.type)) return null;
  const [from, to] = [digits(before), digits(after)];
  if (from === null || to === null) return null;
  const difference = minus(to, from);
  const text = field.type === 'money' ? inUnit(difference, by.money) : difference;
  return text.startsWith('-') ? `−${grouped(text.slice(1))}` : `+${grouped(text)}`;
}

/** Units that may stand in a field on a day: of its role, existing then; the present one always. */
export function unitsFor(units: Unit[], role: string | null | undefined, day: string, present: string | null): Unit[] {
  return units.filter((unit) => {
    if (unit.id === present) return true;
    if (unit.kind === 'city' && role) return false;
    if (role && unit.role !== role) return false;
    return (unit.valid.from === null || unit.valid.from <= day) && (unit.valid.to === null || day <= unit.valid.to);
  });
}

/** Bytes as people read them. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
