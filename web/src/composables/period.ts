import { t } from '@/i18n';

/** A period in words: `2021H1` is 2021年上半年. */
export function periodLabel(period: string): string {
  let found = /^(\d{4})$/.exec(period);
  if (found) return t('shell.period.year', { y: found[1] });
  found = /^(\d{4})H([12])$/.exec(period);
  if (found) return t(`shell.period.half${found[2]}`, { y: found[1] });
  found = /^(\d{4})Q([1-4])$/.exec(period);
  if (found) return t('shell.period.quarter', { y: found[1], q: found[2] });
  found = /^(\d{4})-(\d{2})$/.exec(period);
  if (found) return t('shell.period.month', { y: found[1], m: found[2]?.replace(/^0/, '') });
  return period.replace('..', ' – ');
}

export interface PeriodGroup {
  kind: 'halves' | 'quarters' | 'months' | 'years';
  periods: string[];
}

/** Periods from a first day to the one that holds `today`, newest first. */
export function periodsBetween(start: string, today: string): PeriodGroup[] {
  const [firstYear = 2021, firstMonth = 1] = start.split('-').map(Number);
  const [lastYear = firstYear, lastMonth = 12] = today.split('-').map(Number);
  const halves: string[] = [];
  const quarters: string[] = [];
  const months: string[] = [];
  const years: string[] = [];
  for (let year = lastYear; year >= firstYear; year -= 1) {
    const from = year === firstYear ? firstMonth : 1;
    const to = year === lastYear ? lastMonth : 12;
    years.push(String(year));
    for (let month = to; month >= from; month -= 1) {
      months.push(`${year}-${String(month).padStart(2, '0')}`);
      const quarter = `${year}Q${Math.ceil(month / 3)}`;
      if (quarters.at(-1) !== quarter) quarters.push(quarter);
      const half = `${year}H${month > 6 ? 2 : 1}`;
      if (halves.at(-1) !== half) halves.push(half);
    }
  }
  return [
    { kind: 'halves', periods: halves },
    { kind: 'quarters', periods: quarters },
    { kind: 'years', periods: years },
    { kind: 'months', periods: months },
  ];
}

/** A moment of the server in the time of the office, `2021-07-01 09:30`. */
export function momentLabel(moment: string | null | undefined): string {
  if (!moment) return '';
  if (/^\d{4}-\d{2}-\d{2}$/.test(moment)) return moment;
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return moment;
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short',
  }).format(date);
}
