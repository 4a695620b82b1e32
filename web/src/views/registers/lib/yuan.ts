// The ways to write money, and other measures: words of the server's answers, as the workbooks have them.

/** Where the decimal point stands for each way to write money. */
export const MONEY_SHIFT = { 元: 0, 万元: 4, 亿元: 8 } as const;

export type MoneyUnit = keyof typeof MONEY_SHIFT;

export const MONEY_UNITS = Object.keys(MONEY_SHIFT) as MoneyUnit[];

export function isMoneyUnit(word: unknown): word is MoneyUnit {
  return typeof word === 'string' && word in MONEY_SHIFT;
}

/** What people type after a number. */
export const TYPED_UNITS: Record<string, MoneyUnit> = {
  元: '元', 万: '万元', 万元: '万元', 亿: '亿元', 亿元: '亿元',
};

export const YUAN: MoneyUnit = '元';
export const WAN: MoneyUnit = '万元';
export const YI: MoneyUnit = '亿元';

/** The measure of years, which nobody writes with a comma. */
export const YEAR = '年';
