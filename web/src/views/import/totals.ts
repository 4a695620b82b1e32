import type { RegisterReport } from '@/api/contract';

/** Rows of all registers of an import together. */
export function totals(registers: readonly RegisterReport[]): Omit<RegisterReport, 'register'> {
  const sum = { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  for (const one of registers) {
    sum.read += one.read;
    sum.inserted += one.inserted;
    sum.updated += one.updated;
    sum.unchanged += one.unchanged;
    sum.rejected += one.rejected;
  }
  return sum;
}
