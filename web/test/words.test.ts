import { afterEach, describe, expect, test } from 'vitest';
import { displayText, growth, printed, differenceLike } from '@/composables/number';
import { momentLabel, periodLabel, periodsBetween } from '@/composables/period';
import { list, say, speak, t } from '@/i18n';
import { agentName } from '@/views/account/agent';

afterEach(() => speak('zh-CN'));

describe('numbers', () => {
  test('come apart into digits and unit', () => {
    expect(printed('4.24亿元')).toEqual({ digits: '4.24', unit: '亿元' });
    expect(printed('1,234个')).toEqual({ digits: '1,234', unit: '个' });
    expect(printed('-3.5%')).toEqual({ digits: '-3.5', unit: '%' });
    expect(printed('未报')).toEqual({ digits: '', unit: '未报' });
  });

  test('are written like another one', () => {
    expect(differenceLike(12_345_678, '4.24亿元')).toBe('0.12亿元');
    expect(differenceLike(12_345_678, '800万元')).toBe('1,235万元');
    expect(differenceLike(3, '12个')).toBe('3个');
    expect(differenceLike(1.5, '98.2%')).toBe('1.5个百分点');
  });

  test('in English count in millions, without classifiers', async () => {
    expect(displayText('未报')).toBe('未报');
    await speak('en');
    expect(['4.24亿元', '7400余万元', '1,500元', '13个', '36.8%', '未报', '—', '120亩', '1.5个百分点'].map(displayText)).toEqual([
      '424 m yuan', '74+ m yuan', '1,500 yuan', '13', '36.8%', 'Not reported', '—', '120 mu', '1.5 pp',
    ]);
    expect(differenceLike(12_345_678, '4.24亿元')).toBe('12 m yuan');
  });

  test('grow against something, not against nothing', () => {
    expect(growth(150, 100)).toBe('+50.0%');
    expect(growth(50, 100)).toBe('-50.0%');
    expect(growth(50, -100)).toBe('+150.0%');
    expect(growth(50, 0)).toBeNull();
    expect(growth(null, 100)).toBeNull();
    expect(growth(50, null)).toBeNull();
  });
});

describe('periods', () => {
  test('are said in both languages', async () => {
    expect(['2021', '2021H1', '2021Q3', '2021-06', '2021-10-01..2022-09-20'].map(periodLabel)).toEqual([
      '2021年', '2021年上半年', '2021年第3季度', '2021年6月', '2021-10-01 – 2022-09-20',
    ]);
    await speak('en');
    expect(['2021H2', '2021Q3', '2021-06'].map(periodLabel)).toEqual(['Second half of 2021', 'Q3 2021', '2021-6']);
  });

  test('reach from the first day to today, newest first', () => {
    const groups = Object.fromEntries(periodsBetween('2021-05-10', '2022-02-03').map((one) => [one.kind, one.periods]));
    expect(groups.halves).toEqual(['2022H1', '2021H2', '2021H1']);
    expect(groups.quarters).toEqual(['2022Q1', '2021Q4', '2021Q3', '2021Q2']);
    expect(groups.years).toEqual(['2022', '2021']);
    expect(groups.months?.[0]).toBe('2022-02');
    expect(groups.months?.at(-1)).toBe('2021-05');
    expect(groups.months).toHaveLength(10);
  });

  test('moments are told in the time of the office', () => {
    expect(momentLabel('2021-07-01T16:30:00Z')).toBe('2021-07-02 00:30');
    expect(momentLabel('2021-07-01')).toBe('2021-07-01');
    expect(momentLabel(null)).toBe('');
  });
});

describe('sentences', () => {
  test('are filled, and have one and many', async () => {
    expect(t('figures.count', { n: 3 })).toBe('3项指标');
    await speak('en');
    expect(t('figures.count', { n: 1 })).toBe('1 indicator');
    expect(t('figures.count', { n: 3 })).toBe('3 indicators');
    expect(document.documentElement.lang).toBe('en');
  });

  test('the server sends in two languages', async () => {
    expect(say('甲', 'a')).toBe('甲');
    expect(list(['甲', '乙'])).toBe('甲、乙');
    await speak('en');
    expect(say('甲', 'a')).toBe('a');
    expect(say('甲', '')).toBe('甲');
    expect(list(['a', 'b'])).toBe('a, b');
  });
});

test('browsers are called as people call them', () => {
  expect(agentName('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Edg/120.0')).toBe('Edge 120 · Windows');
  expect(agentName('Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36')).toBe('Chrome 156 · Linux');
  expect(agentName('curl/8')).toBe('curl/8');
  expect(agentName('')).toBe('—');
});
