// Days on a line. Days are counted in UTC from 1970-01-01: no zone moves them.

export interface Valid {
  from?: string | null;
  to?: string | null;
}

const DAY = 86_400_000;

/** Number of an ISO day; `null` when it is none. */
export function dayNumber(day: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const at = new Date(Date.UTC(year, month - 1, date));
  const same = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
  return same ? at.getTime() / DAY : null;
}

export interface Scale {
  /** First day of the line. */
  first: number;
  /** The day behind the last. */
  end: number;
}

/**
 * A line over whole years that holds every stated day and today; a line without any day holds the
 * year of today.
 */
export function scaleOf(spans: readonly Valid[], today: string): Scale {
  const days = spans
    .flatMap((span) => [span.from ?? '', span.to ?? ''])
    .concat(today)
    .map(dayNumber)
    .filter((day): day is number => day !== null);
  const years = days.map((day) => new Date(day * DAY).getUTCFullYear());
  const first = Math.min(...years);
  const last = Math.max(...years);
  return { first: Date.UTC(first, 0, 1) / DAY, end: Date.UTC(last + 1, 0, 1) / DAY };
}

/** Place of a day on the line, 0 to 1. */
export function placeOf(scale: Scale, day: number): number {
  return Math.max(0, Math.min(1, (day - scale.first) / (scale.end - scale.first)));
}

export interface Bar {
  left: number;
  width: number;
  /** No first day is stated. */
  openStart: boolean;
  /** No last day is stated. */
  openEnd: boolean;
}

/** The bar of a span on the line; the last day belongs to it. `null` when it lies off the line. */
export function barOf(scale: Scale, valid: Valid): Bar | null {
  const from = valid.from ? dayNumber(valid.from) : null;
  const to = valid.to ? dayNumber(valid.to) : null;
  const start = from ?? scale.first;
  const end = to === null ? scale.end : to + 1;
  if (end <= scale.first || start >= scale.end || end <= start) return null;
  const left = placeOf(scale, start);
  return { left, width: placeOf(scale, end) - left, openStart: from === null, openEnd: to === null };
}

export interface Tick {
  place: number;
  label: string;
}

/** Marks at the beginning of years, at most `most` of them. */
export function ticksOf(scale: Scale, most = 12): Tick[] {
  const first = new Date(scale.first * DAY).getUTCFullYear();
  const last = new Date((scale.end - 1) * DAY).getUTCFullYear();
  const count = last - first + 1;
  const every = [1, 2, 5, 10, 20, 50, 100].find((step) => count / step <= most) ?? 100;
  const ticks: Tick[] = [];
  for (let year = Math.ceil(first / every) * every; year <= last; year += every) {
    ticks.push({ place: placeOf(scale, Date.UTC(year, 0, 1) / DAY), label: String(year) });
  }
  return ticks;
}

/** Whether a span holds on a day. */
export function holdsOn(valid: Valid, day: string): boolean {
  return (!valid.from || valid.from <= day) && (!valid.to || valid.to >= day);
}
