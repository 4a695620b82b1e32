import { language, t } from '@/i18n';

/** A number as it is printed, apart: digits, unit; where nobody reported, words alone. */
export interface Printed {
  digits: string;
  unit: string;
}

/** What the server prints where nobody has reported. */
const NOT_REPORTED = '未报';

/** What rates differ by. */
const POINTS = '个百分点';

/** Said before a unit where digits were dropped. */
export const MORE = /^余/;

/** Takes `4.24亿元` apart. */
export function printed(display: string): Printed {
  const found = /^([+\-−]?[\d,]+(?:\.\d+)?)(.*)$/.exec(display);
  return found ? { digits: found[1] ?? '', unit: found[2] ?? '' } : { digits: '', unit: display };
}

/** Factor of a printed unit: 亿元 is 100 million. */
export function power(unit: string): number {
  if (unit.includes('亿')) return 1e8;
  return unit.includes('万') ? 1e4 : 1;
}

/**
 * What the server printed, in the language of the page. English counts in millions and has no
 * classifiers: `4.24亿元` is 424 million yuan, `13个` is 13.
 */
export function spoken(display: string): Printed {
  if (display === NOT_REPORTED) return { digits: '', unit: t('shell.figure.missing') };
  const { digits, unit } = printed(display);
  if (language.value !== 'en' || digits === '') return { digits, unit };
  const more = MORE.test(unit) ? '+' : '';
  const factor = power(unit);
  const value = Number(digits.replaceAll(',', '').replace('−', '-')) * factor;
  const decimals = digits.split('.')[1]?.length ?? 0;
  const big = factor > 1;
  const places = big ? Math.max(0, decimals + 6 - Math.log10(factor)) : decimals;
  const shown = grouped(big ? value / 1e6 : value, places, more ? 0 : places);
  const money = unit.endsWith('元');
  const word = money ? (big ? 'shell.figure.millionYuan' : 'shell.figure.yuan') : big ? 'shell.figure.million' : '';
  if (word) return { digits: shown + more, unit: t(word) };
  const words: Record<string, string> = { '%': '%', 亩: t('shell.figure.mu'), [POINTS]: t('shell.figure.points') };
  return { digits: shown + more, unit: words[unit] ?? '' };
}

/** The same in one piece. */
export function displayText(display: string | null | undefined): string {
  const { digits, unit } = spoken(display ?? '');
  return digits ? withUnit(digits, unit) : unit;
}

/** A number with its unit: 5户, 5 households, 42,400 × 10k yuan. */
export function withUnit(number: string, unit: string): string {
  if (/^\d/.test(unit)) return `${number} × ${unit}`;
  return /^\p{Script=Latin}/u.test(unit) ? `${number} ${unit}` : number + unit;
}

/** Writes a difference (in the base unit) the way `display` is written: same unit, same decimals; between rates it is in points. */
export function differenceLike(value: number, display: string): string {
  const { digits, unit } = printed(display);
  const decimals = digits.split('.')[1]?.length ?? 0;
  // 余 says that digits were dropped; it does not go with a difference.
  return displayText(grouped(value / power(unit), decimals) + (unit === '%' ? POINTS : unit.replace(MORE, '')));
}

/** A number with its thousands apart. */
function grouped(value: number, decimals: number, least = decimals): string {
  return new Intl.NumberFormat('en', {
    minimumFractionDigits: least, maximumFractionDigits: decimals,
  }).format(value);
}

/** `value` against `before` in percent, one decimal; `null` where that says nothing. */
export function growth(value: number | null | undefined, before: number | null | undefined): string | null {
  if (value === null || value === undefined || !before) return null;
  const percent = ((value - before) / Math.abs(before)) * 100;
  const sign = percent > 0 ? '+' : '';
  return `${sign}${percent.toFixed(Math.abs(percent) >= 1000 ? 0 : 1)}%`;
}
