import { describe, expect, test } from 'vitest';
import { barOf, dayNumber, holdsOn, placeOf, scaleOf, ticksOf } from '@/views/mechanism/timeline';

describe('days', () => {
  test('are counted without a zone', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('2024-02-29')).toBe(19_782);
    expect(dayNumber('2023-02-29')).toBeNull();
    expect(dayNumber('2021-1-1')).toBeNull();
  });
});

describe('the line', () => {
  const spans = [
    { from: '2021-01-01', to: '2026-01-24' }, { from: '2021-03-01', to: null }, { from: null, to: null },
  ];
  const scale = scaleOf(spans, '2026-07-31');

  test('holds whole years from the first day to today', () => {
    expect(scale).toEqual({ first: dayNumber('2021-01-01'), end: dayNumber('2027-01-01') });
    expect(scaleOf([], '2026-07-31')).toEqual({ first: dayNumber('2026-01-01'), end: dayNumber('2027-01-01') });
  });

  test('a bar holds its last day', () => {
    const day = barOf(scale, { from: '2021-01-01', to: '2021-01-01' });
    expect(day?.left).toBe(0);
    expect(day?.width).toBeCloseTo(1 / (scale.end - scale.first), 10);
    const year = barOf({ first: scale.first, end: (dayNumber('2022-01-01') ?? 0) }, { from: '2021-01-01', to: '2021-12-31' });
    expect(year).toMatchObject({ left: 0, width: 1, openStart: false, openEnd: false });
  });

  test('an open end runs to the end of the line', () => {
    const bar = barOf(scale, spans[1] ?? {});
    expect(bar?.openEnd).toBe(true);
    expect((bar?.left ?? 0) + (bar?.width ?? 0)).toBeCloseTo(1, 10);
    expect(barOf(scale, {})).toMatchObject({ left: 0, width: 1, openStart: true, openEnd: true });
  });

  test('what lies off it has no bar, what is the wrong way round neither', () => {
    expect(barOf(scale, { from: '2007-01-01', to: '2010-12-31' })).toBeNull();
    expect(barOf(scale, { from: '2022-01-01', to: '2021-01-01' })).toBeNull();
  });

  test('bars that follow one another touch', () => {
    const first = barOf(scale, { from: '2021-01-01', to: '2026-01-24' });
    const second = barOf(scale, { from: '2026-01-25', to: null });
    expect((first?.left ?? 0) + (first?.width ?? 0)).toBeCloseTo(second?.left ?? -1, 10);
  });

  test('years are marked, not more than there is room for', () => {
    expect(ticksOf(scale).map((tick) => tick.label)).toEqual(['2021', '2022', '2023', '2024', '2025', '2026']);
    expect(ticksOf(scale)[0]?.place).toBe(0);
    const long = scaleOf([{ from: '1997-06-18' }], '2026-07-31');
    expect(ticksOf(long, 8).map((tick) => tick.label)).toEqual(['2000', '2005', '2010', '2015', '2020', '2025']);
    expect(placeOf(long, 0)).toBe(0);
  });
});

test('a span holds on its first and on its last day', () => {
  const valid = { from: '2021-01-01', to: '2026-01-24' };
  expect(['2020-12-31', '2021-01-01', '2026-01-24', '2026-01-25'].map((day) => holdsOn(valid, day))).toEqual([
    false, true, true, false,
  ]);
  expect(holdsOn({}, '1900-01-01')).toBe(true);
});
