// Exact decimals as text. Money never passes through floating point on its way to or from a form.

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** A number in plain digits: no leading zeros, no trailing ones; `null` when it is none. */
export function plain(text: string): string | null {
  const found = PLAIN.exec(text);
  if (!found || (found[2] === '' && (found[3] ?? '') === '')) return null;
  const whole = (found[2] ?? '').replace(/^0+(?=\d)/, '') || '0';
  const rest = (found[3] ?? '').replace(/0+$/, '');
  const number = rest === '' ? whole : `${whole}.${rest}`;
  return found[1] === '-' && number !== '0' ? `-${number}` : number;
}

/** Moves the decimal point to the right `by` places (to the left when negative). */
export function shift(number: string, by: number): string {
  const sign = number.startsWith('-') ? '-' : '';
  const [whole = '', rest = ''] = number.replace(/^-/, '').split('.');
  if (by >= 0) {
    const all = whole + rest.padEnd(by, '0');
    const point = whole.length + by;
    return plain(`${sign}${all.slice(0, point)}.${all.slice(point)}`) ?? '0';
  }
  const padded = whole.padStart(1 - by, '0');
  const point = padded.length + by;
  return plain(`${sign}${padded.slice(0, point)}.${padded.slice(point)}${rest}`) ?? '0';
}

/** Digits after the decimal point. */
export function places(number: string): number {
  return number.split('.')[1]?.length ?? 0;
}

/** Rounds half away from zero, as the ledger does. */
export function round(number: string, to: number): string {
  if (places(number) <= to) return number;
  const sign = number.startsWith('-') ? '-' : '';
  const [whole = '0', rest = ''] = number.replace(/^-/, '').split('.');
  let kept = BigInt(whole + rest.slice(0, to));
  if (rest.charCodeAt(to) >= 53) kept += 1n;
  const all = kept.toString().padStart(to + 1, '0');
  const point = all.length - to;
  return plain(`${sign}${all.slice(0, point)}.${all.slice(point)}`) ?? '0';
}

/** Compares two plain numbers. */
export function compare(a: string, b: string): number {
  const deep = Math.max(places(a), places(b));
  const difference = BigInt(shift(a, deep)) - BigInt(shift(b, deep));
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** `a - b`, exact. */
export function minus(a: string, b: string): string {
  const deep = Math.max(places(a), places(b));
  return shift((BigInt(shift(a, deep)) - BigInt(shift(b, deep))).toString(), -deep);
}

/** Thousands separated by commas. */
export function grouped(number: string): string {
  const [whole = '', rest] = number.split('.');
  const shown = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? shown : `${shown}.${rest}`;
}

/** A number of an answer as plain digits; exponents written out. */
export function digits(value: unknown): string | null {
  if (typeof value === 'string') return plain(value.trim());
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const text = String(value);
  const found = /^(-?[\d.]+)e([+-]\d+)$/.exec(text);
  return found ? shift(found[1] ?? '0', Number(found[2])) : plain(text);
}

/**
 * A number for a request. JSON numbers are read digit by digit by the server; those that floating
 * point would bend are sent as text.
 */
export function wire(number: string): number | string {
  const value = Number(number);
  return digits(value) === number ? value : number;
}

/**
 * Parses an answer so that no digit is lost: numbers that floating point cannot hold stay text.
 * Browsers that do not hand over the source of a number get the nearest one.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, function(_key: string, value: unknown, context?: { source?: string }) {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    const source = /[eE]/.test(context.source) ? null : plain(context.source);
    return source !== null && digits(value) !== source ? source : value;
  } as (key: string, value: unknown) => unknown);
}
