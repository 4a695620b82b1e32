// Money as people write it, with a unit behind it or full-width digits; kept in yuan.

import { withUnit } from '@/composables/number';
import { compare, grouped, places, plain, round, shift } from './decimal';
import { MONEY_SHIFT, TYPED_UNITS, WAN, YI, YUAN, type MoneyUnit } from './yuan';

/** Half-width digits and signs, without separators. */
export function tidyNumber(text: string): string {
  return text
    .replace(/[０-９．－＋]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[,，\s]/g, '')
    .replace(/^[¥￥]/, '');
}

export type Typed = { ok: true; yuan: string | null } | { ok: false };

/** What was typed, in yuan. A unit that was typed wins over the unit of the form. */
export function typedMoney(text: string, unit: MoneyUnit): Typed {
  const tidy = tidyNumber(text);
  if (tidy === '') return { ok: true, yuan: null };
  const found = /^([+-]?[\d.]+)(\p{Script=Han}{1,2})?$/u.exec(tidy);
  const number = found && plain(found[1] ?? '');
  const said = found?.[2] === undefined ? unit : TYPED_UNITS[found[2]];
  if (!found || number === null || said === undefined) return { ok: false };
  return { ok: true, yuan: shift(number, MONEY_SHIFT[said]) };
}

/** Yuan in another unit, every digit kept. */
export function inUnit(yuan: string, unit: MoneyUnit): string {
  return shift(yuan, -MONEY_SHIFT[unit]);
}

/** A unit's number in yuan. */
export function toYuan(number: string, unit: MoneyUnit): string {
  return shift(number, MONEY_SHIFT[unit]);
}

/**
 * Money as people say it: two places of the largest unit that fits, `=` before it, or `≈` where
 * digits are dropped. `word` names the units in the language of the page.
 */
export function echo(yuan: string, word: (unit: MoneyUnit) => string): string {
  const size = yuan.replace(/^-/, '');
  let unit = YUAN;
  if (compare(size, '100000000') >= 0) unit = YI;
  else if (compare(size, '10000') >= 0) unit = WAN;
  const exact = inUnit(yuan, unit);
  const sign = places(exact) > 2 ? '≈' : '=';
  return `${sign}${withUnit(grouped(round(exact, 2)), word(unit))}`;
}

