/** A number as a brief prints it, apart: digits, unit; where nobody reported, words alone. */
export interface Printed {
  digits: string;
  unit: string;
}

/** Takes `4.24亿元` apart. */
export function printed(display: string): Printed {
  const found = /^([+\-−]?[\d,]+(?:\.\d+)?)(.*)$/.exec(display);
  return found ? { digits: found[1] ?? '', unit: found[2] ?? '' } : { digits: '', unit: display };
}

const POWERS: Record<string, number> = { 亿: 1e8, 万: 1e4 };

/** Writes `value` (in the base unit) the way `display` is written: same unit, same decimals. */
export function printLike(value: number, display: string): string {
  const { digits, unit } = printed(display);
  const decimals = digits.split('.')[1]?.length ?? (Number.isInteger(value) ? 0 : 2);
  const power = POWERS[unit.charAt(0)] ?? 1;
  return grouped(value / power, decimals) + unit;
}

/** A number with its thousands apart. */
export function grouped(value: number, decimals = 0): string {
  return new Intl.NumberFormat('zh-CN', {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }).format(value);
}

/** `value` against `before` in percent, one decimal; `null` where that says nothing. */
export function growth(value: number | null | undefined, before: number | null | undefined): string | null {
  if (value === null || value === undefined || !before) return null;
  const percent = ((value - before) / Math.abs(before)) * 100;
  const sign = percent > 0 ? '+' : '';
  return `${sign}${percent.toFixed(Math.abs(percent) >= 1000 ? 0 : 1)}%`;
}
