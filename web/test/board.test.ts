import { describe, expect, test } from 'vitest';
import type { Boundaries, Indicator, Register } from '@/api/contract';
import { known, open } from '@/views/board/board';
import { aspect, named, small } from '@/views/board/geometry';
import { linkOption, placed } from '@/views/board/linkOption';
import { usedFields } from '@/views/figures/fields';

const square = (id: string, x: number, y: number, size = 2): Boundaries['features'][number] => ({
  id, properties: { name: `${id} district`, role: '', cp: [x, y] },
  geometry: { type: 'MultiPolygon', coordinates: [[[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]] },
});
const map: Boundaries = {
  type: 'FeatureCollection', attribution: '',
  features: [square('east', 4, 0), square('west', 0, 0), square('mid', 2, 0)],
  places: { east: [5, 1], west: [1, 1], mid: [3, 1] },
};
const link = (supporter: string | null, recipient: string | null, value: number | null = null) =>
  ({ supporter, recipient, certainty: 'attested' as const, value, display: value === null ? '未报' : `${value}万元` });

describe('the map', () => {
  test('names only regions that have room', () => {
    const crowded = { ...map, features: [...map.features, square('tiny', 9, 9, 0.1)] };
    expect([...small(crowded)]).toEqual(['tiny']);
  });

  test('keeps its proportions', () => {
    expect(aspect(map)).toBeCloseTo(3, 1);
  });

  test('names its regions by unit', () => {
    const { features } = named(map) as Boundaries;
    expect(features.map((feature) => feature.properties.name)).toEqual(['east', 'west', 'mid']);
  });

  const drawing = (links: ReturnType<typeof link>[], cut = { supporter: '', recipient: '' }) =>
    linkOption({
      map, links, ...cut, role: () => 'none', name: (id) => id, certainty: () => '', display: (text) => text ?? '',
    }) as { series: { data: { coords: number[][]; lineStyle: { width: number; opacity: number } }[] }[] };

  test('draws one arc a link, as wide as its value', () => {
    const lines = drawing([link('west', 'east', 10), link('mid', 'east', 5), link(null, 'east'), link('nowhere', 'east', 99)]).series[0]?.data ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[0]?.coords).toEqual([[1, 1], [5, 1]]);
    expect(lines[0]?.lineStyle.width).toBeGreaterThan(lines[1]?.lineStyle.width ?? 99);
  });

  test('lets the lines outside a cut fade', () => {
    const lines = drawing([link('west', 'east'), link('mid', 'east')], { supporter: 'west', recipient: '' }).series[0]?.data ?? [];
    expect(lines[0]?.lineStyle.opacity).toBeGreaterThan(lines[1]?.lineStyle.opacity ?? 1);
  });
});

test('links without a place are left to the table', () => {
  expect(placed(map, [link('west', 'east'), link('nowhere', 'east'), link('west', null)])).toHaveLength(1);
});

test('pairings that are open are no lines', () => {
  const links = [link('west', 'east'), link(null, 'mid'), link('west', null), link(null, 'mid')];
  expect(known(links)).toEqual([links[0]]);
  expect(open(links)).toEqual(['mid', 'west']);
});

describe('the rows behind a figure', () => {
  const field = (id: string) => ({ id, label: id } as Register['fields'][number]);
  const register = {
    about: { id: 'project' }, key: ['name'], supporter: 'from', recipient: 'to',
    fields: ['to', 'from', 'note', 'fund', 'name', 'status', 'issued'].map(field),
  } as unknown as Register;

  test('show what names a row, whose it is, and what the indicator looks at', () => {
    const indicator = {
      sources: [
        { register: 'project', value: 'fund * 2', date: 'issued', filter: 'status == "note" && has(fund)' },
        { register: 'park', value: 'note' },
      ],
    } as unknown as Indicator;
    expect(usedFields(register, indicator).map((one) => one.id)).toEqual(['name', 'from', 'to', 'fund', 'issued', 'status']);
  });
});
