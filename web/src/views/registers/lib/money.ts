// Money as people write it: `4.24亿`, `42,400万元`, full-width digits; kept in 元.

import { MONEY_SHIFT, type MoneyUnit, compare, grouped, places, plain, round, shift } from './decimal'

/** Half-width digits and signs, without separators. */
export function tidyNumber(text: string): string {
  return text
    .replace(/[０-９．－＋]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[,，\s]/g, '')
    .replace(/^[¥￥]/, '')
}

const WORDS: Record<string, MoneyUnit> = {
  元: '元', 万: '万元', 万元: '万元', 亿: '亿元', 亿元: '亿元',
}

export type Typed = { ok: true; yuan: string | null } | { ok: false }

/** What was typed, in 元. A unit that was typed wins over the unit of the form. */
export function typedMoney(text: string, unit: MoneyUnit): Typed {
  const tidy = tidyNumber(text)
  if (tidy === '') return { ok: true, yuan: null }
  const found = /^([+-]?[\d.]+)(元|万元|万|亿元|亿)?$/.exec(tidy)
  const number = found && plain(found[1] ?? '')
  if (!found || number === null) return { ok: false }
  const said = found[2] === undefined ? unit : (WORDS[found[2]] ?? unit)
  return { ok: true, yuan: shift(number, MONEY_SHIFT[said]) }
}

/** 元 in another unit, every digit kept. */
export function inUnit(yuan: string, unit: MoneyUnit): string {
  return shift(yuan, -MONEY_SHIFT[unit])
}

/** A unit's number in 元. */
export function toYuan(number: string, unit: MoneyUnit): string {
  return shift(number, MONEY_SHIFT[unit])
}

/** `=4.24亿元`, as people say it: two places of the largest fitting unit; `≈` when digits are dropped. */
export function echo(yuan: string): string {
  const size = yuan.replace(/^-/, '')
  let unit: MoneyUnit = '元'
  if (compare(size, '100000000') >= 0) unit = '亿元'
  else if (compare(size, '10000') >= 0) unit = '万元'
  const exact = inUnit(yuan, unit)
  const sign = places(exact) > 2 ? '≈' : '='
  return `${sign}${grouped(round(exact, 2))}${unit}`
}
