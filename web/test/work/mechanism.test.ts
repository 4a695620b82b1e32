import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileKind, folders, readCsv, readToml, runs } from '@/views/mechanism/readable';
import { byNumber, trace } from '@/views/mechanism/trace';

const PACK = join(import.meta.dirname, '../../../packs/chongqing');

describe('clauses', () => {
  const clauses = [
    { id: '2.1', registers: ['project'], indicators: ['A'] },
    { id: '2.10', registers: [], indicators: [] },
    { id: '2.9', registers: ['fund'], indicators: [] },
  ];
  const indicators = [
    { id: 'A', clause: '2.1', sources: [{ register: 'project' }] },
    { id: 'B', clause: '2.9', sources: [{ register: 'fund' }, { register: 'project' }] },
    { id: 'B', clause: '2.9', sources: [{ register: 'fund' }] },
    { id: 'LOST', clause: '9.9', sources: [] },
  ];
  const traced = trace(clauses, indicators);

  test('lead to registers and indicators, whoever states the pointer', () => {
    expect(traced.indicatorsOf.get('2.9')).toEqual(['B']);
    expect(traced.registersOf.get('2.9')).toEqual(['fund', 'project']);
    expect(traced.registersOf.get('2.10')).toBeUndefined();
  });

  test('are led to from both', () => {
    expect(traced.clausesOfRegister.get('project')).toEqual(['2.1', '2.9']);
    expect(traced.clausesOfIndicator.get('B')).toEqual(['2.9']);
    expect(traced.clausesOfIndicator.has('LOST')).toBe(false);
  });

  test('stand in the order of their numbers', () => {
    expect(['2.10', '2.9', '1', '2.1', '2'].sort(byNumber)).toEqual(['1', '2', '2.1', '2.9', '2.10']);
  });
});

describe('TOML', () => {
  test('becomes sections with their remarks', () => {
    const sections = readToml(`# 机制
id = "x" # 编号
start = 2021-01-01

# 第一个领域
[[theme]]
id = "industry"
name = "产业协同"
aliases = ["产业协作", "产业"]
format = { unit = "个", per = 1 }

[[theme]]
id = "rural"
`);
    expect(sections.map((one) => [one.name, one.title, one.remarks])).toEqual([
      ['', 'x', ['机制']], ['theme', '产业协同', ['第一个领域']], ['theme', 'rural', []],
    ]);
    expect(sections[0]?.entries).toEqual([
      { key: 'id', value: { kind: 'word', text: 'x' }, remark: '编号' },
      { key: 'start', value: { kind: 'word', text: '2021-01-01' }, remark: '' },
    ]);
    expect(sections[1]?.entries[2]?.value).toEqual({ kind: 'words', list: ['产业协作', '产业'] });
    expect(sections[1]?.entries[3]?.value).toMatchObject({ kind: 'pairs' });
  });

  test('sections that follow one another under one name are drawn together', () => {
    const sections = readToml('id = "a"\n[[field]]\nid = "x"\n[[field]]\nid = "y"\nmax = 3\n[[field]]\nid = "z"\n[[rule]]\nid = "r"\n[[field]]\nid = "w"\n');
    expect(runs(sections).map((one) => ['keys' in one ? one.keys : null, one.name])).toEqual([
      [null, ''], [['id', 'max'], 'field'], [null, 'rule'], [null, 'field'],
    ]);
  });

  test('that is broken says so', () => {
    expect(() => readToml('id = ')).toThrow();
  });

  test('every file of the Chongqing pack can be read, no key and no remark is lost', () => {
    const files = readdirSync(PACK, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.toml') && !name.startsWith('samples'));
    expect(files.length).toBeGreaterThan(30);
    for (const name of files) {
      const text = readFileSync(join(PACK, name), 'utf8');
      const sections = readToml(text);
      const shown = JSON.stringify(sections);
      for (const line of text.split('\n').filter((one) => one.startsWith('# '))) {
        expect([name, shown.includes(JSON.stringify(line.slice(2).trim()).slice(1, -1))]).toEqual([name, true]);
      }
      const tables = text.split('\n').filter((one) => one.startsWith('[')).length;
      expect([name, sections.filter((one) => one.name !== '').length]).toEqual([name, tables]);
    }
  });
});

describe('CSV', () => {
  test('keeps quoted cells, drops remarks into a place of their own', () => {
    const table = readCsv('\ufeffunit,note\n# 待确认，由业主补\nwanzhou,"甲,乙"\nkaizhou\n');
    expect(table.remarks).toEqual(['待确认，由业主补']);
    expect(table.head).toEqual(['unit', 'note']);
    expect(table.rows).toEqual([['wanzhou', '甲,乙'], ['kaizhou', '']]);
  });

  test('the pairs of the pack are all there', () => {
    const text = readFileSync(join(PACK, 'pairs.csv'), 'utf8');
    const table = readCsv(text);
    expect(table.head).toContain('evidence');
    expect(table.rows).toHaveLength(text.trim().split('\n').filter((line) => !line.startsWith('#')).length - 1);
  });
});

test('files are told by their names and lie in their folders', () => {
  expect(['a.toml', 'b.CSV', 'c.geojson', 'README.md'].map(fileKind)).toEqual(['toml', 'csv', 'json', 'text']);
  expect(folders(['registers/fund.toml', 'units.csv', 'briefs/a.toml', 'mechanism.toml'])).toEqual([
    { name: '', files: ['mechanism.toml', 'units.csv'] },
    { name: 'briefs', files: ['briefs/a.toml'] },
    { name: 'registers', files: ['registers/fund.toml'] },
  ]);
});
