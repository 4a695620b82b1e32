import type { Field, Indicator, Register } from '@/api/contract';

/** Most columns of the rows behind a figure. */
const MOST = 8;

/**
 * The fields of a row that matter to a figure: what names the row, whose it is, and everything that
 * the indicator looks at. Words within strings of an expression are no fields.
 */
export function usedFields(register: Register, indicator: Indicator | undefined): Field[] {
  const ids = new Set(register.fields.map((field) => field.id));
  const used = new Set<string>(register.key);
  for (const side of [register.supporter, register.recipient]) if (side) used.add(side);
  for (const source of indicator?.sources ?? []) {
    if (source.register !== register.about.id) continue;
    const texts = [source.value, source.date, source.done_by, source.ends, source.distinct, source.filter];
    for (const text of texts) {
      const bare = (text ?? '').replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '');
      for (const word of bare.match(/[A-Za-z_]\w*/g) ?? []) if (ids.has(word)) used.add(word);
    }
  }
  const chosen = [...used].slice(0, MOST);
  return chosen.map((id) => register.fields.find((field) => field.id === id)).filter((field) => field !== undefined);
}
