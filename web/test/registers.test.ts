import { describe, expect, test } from 'vitest';
import type { Field, Register, Unit } from '@/api/contract';
import { columnsOf, defaultColumns, headsOf } from '@/views/registers/lib/columns';
import { clashes, merged, suggested, undecided } from '@/views/registers/lib/conflict';
import { compare, digits, grouped, minus, parseExact, plain, round, shift, wire } from '@/views/registers/lib/decimal';
import { textDiff } from '@/views/registers/lib/diff';
import { draftName, dropDraft, keepDraft, takeDraft } from '@/views/registers/lib/draft';
import { previewOf, unfit } from '@/views/registers/lib/evidence';
import { backwards, compose, filtersFromQuery, filtersToQuery, findingsIn, fromBytes, quoted, type Filters } from '@/views/registers/lib/filters';
import { blank, changedFields, checkValues, fromValues, newValues, placeOf, sections, toWire } from '@/views/registers/lib/form';
import { echo, inUnit, typedMoney } from '@/views/registers/lib/money';
import { moved, shown, unitsFor, type Presenting } from '@/views/registers/lib/present';
import { nextSort, queryFromState, rowsAsked, stateFromQuery } from '@/views/registers/lib/state';

function field(id: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return {
    id, label: id, label_en: id.toUpperCase(), type, measure: '', measure_en: '', required: false, options: [], derived: null, personal: false,
    retired: null, help: '', help_en: '', ...more,
  };
}

const register: Register = {
  about: { id: 'project', code: 'T2', name: '项目台账', name_en: 'Projects', theme: '', reporter: 'recipient', frequency: 'month' },
  key: ['code'], supporter: 'supporter', recipient: 'recipient', date: 'start', rules: [],
  fields: [
    field('code', 'text', { required: true, width: 16 }), field('name', 'text', { width: 36 }),
    field('supporter', 'unit', { group: ['结对关系'] }), field('recipient', 'unit', { group: ['结对关系'] }),
    field('status', 'choice', { options: ['前期', '已开工'], options_en: ['Preparation', 'Started'] }),
    field('total', 'money', { group: ['资金'] }), field('fund', 'money', { group: ['资金'] }),
    field('area', 'area', { measure: '亩' }), field('persons', 'int'), field('year', 'int', { measure: '年' }), field('start', 'date'),
    field('done', 'bool'), field('rate', 'decimal', { derived: 'fund / total' }), field('person', 'text', { personal: true }),
    field('old', 'text', { retired: '2021-12-31' }),
  ],
};

const by: Presenting = { english: false, money: '万元', moneyWord: (unit) => unit, yes: '是', no: '否', unit: (id) => `<${id}>` };

const label = (one: Field) => one.label;
const say = (yuan: string) => echo(yuan, (unit) => unit);

function typed(text: string): string | null {
  const read = typedMoney(text, '万元');
  return read.ok ? read.yuan : 'not a number';
}

describe('decimals', () => {
  test('are read digit by digit', () => {
    expect([plain('007.50'), plain('.5'), plain('-0'), plain('12.'), plain('1e3'), plain(''), plain('.'), plain('1.2.3')])
      .toEqual(['7.5', '0.5', '0', '12', null, null, null, null]);
    expect([digits(1e21), digits(1.5e-7), digits(0.1), digits('12.30'), digits(null)]).toEqual(['1000000000000000000000', '0.00000015', '0.1', '12.3', null]);
  });

  test('move their point without losing a digit', () => {
    expect([shift('4.24', 8), shift('424000000', -8), shift('1', -4), shift('-0.005', -2), shift('0.1', 4)]).toEqual(['424000000', '4.24', '0.0001', '-0.00005', '1000']);
    for (const number of ['9999999999999.99', '0.01', '-123.45']) expect(shift(shift(number, 4), -4)).toBe(number);
  });

  test('round half away from zero', () => {
    expect([round('2.345', 2), round('-2.345', 2), round('0.995', 2), round('1.2', 2), round('999.999', 2)]).toEqual(['2.35', '-2.35', '1', '1.2', '1000']);
  });

  test('are compared and subtracted exactly', () => {
    expect([compare('0.1', '0.10'), compare('2', '10'), compare('-1', '1')]).toEqual([0, -1, -1]);
    expect([minus('0.3', '0.1'), minus('1', '1.01')]).toEqual(['0.2', '-0.01']);
  });

  test('go over the wire as numbers, or as text where floating point would bend them', () => {
    expect([wire('9999999999999.99'), wire('0.1'), wire('12345678901234567.89')]).toEqual([9999999999999.99, 0.1, '12345678901234567.89']);
  });

  test('of an answer keep every digit where the engine tells the source', () => {
    const told = parseExact('{"sums":{"fund":12345678901234567.89,"total":0.10}}') as { sums: { fund: unknown; total: unknown } };
    expect(told.sums.total).toBe(0.1);
    // Engines that do not tell the source of a number give the nearest one.
    expect([String(12_345_678_901_234_568), '12345678901234567.89']).toContain(String(told.sums.fund));
  });

  test('are grouped by thousands', () => {
    expect([grouped('1234567.8912'), grouped('-1000'), grouped('999')]).toEqual(['1,234,567.8912', '-1,000', '999']);
  });
});

describe('money', () => {
  test('is typed as people write it', () => {
    expect(['42400', '4.24亿', '4.24亿元', '1,200.5', '１２．５', '300元', '￥5万', '', ' '].map(typed))
      .toEqual(['424000000', '424000000', '424000000', '12005000', '125000', '300', '50000', null, null]);
    expect(['约3万', '3万5', 'abc', '1.2.3', '3只'].map(typed)).toEqual(Array(5).fill('not a number'));
  });

  test('is said back in the unit that people would use', () => {
    expect([say('424000000'), say('424123456'), say('12005000'), say('99.99'), say('0'), say('-35000'), say('9999.999')])
      .toEqual(['=4.24亿元', '≈4.24亿元', '=1,200.5万元', '=99.99元', '=0元', '=-3.5万元', '≈10,000元']);
    expect(inUnit('12345', '亿元')).toBe('0.00012345');
  });
});

describe('filters', () => {
  const filters: Filters = {
    name: { kind: 'contains', text: "万州'\\" }, status: { kind: 'one-of', values: ['前期', '已开工'] }, recipient: { kind: 'one-of', values: ['wanzhou'] },
    fund: { kind: 'between', from: '1000000', to: null }, start: { kind: 'between', from: '2021-01-01', to: '2021-06-30' },
    done: { kind: 'truth', value: false }, area: { kind: 'empty' }, persons: { kind: 'stated' },
  };

  test('become one expression in the order of the fields', () => {
    expect(compose('', filters, register)).toEqual({
      lead: 0,
      where: "name.contains('万州\\'\\\\') && recipient == 'wanzhou' && status in ['前期', '已开工'] && fund >= 1000000 && area == null"
        + " && has(persons) && start >= date('2021-01-01') && start <= date('2021-06-30') && done == false",
    });
    expect(compose('a || b', { fund: { kind: 'between', from: '1', to: '2' } }, register)).toEqual({ where: '(a || b) && fund >= 1 && fund <= 2', lead: 1 });
    expect(compose(' ', { name: { kind: 'contains', text: '' }, status: { kind: 'one-of', values: [] } }, register)).toEqual({ where: null, lead: 0 });
    expect(quoted('a\nb')).toBe("'a\\nb'");
  });

  test('come back out of the address as they went in', () => {
    const query = filtersToQuery(filters);
    const lists = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]));
    expect(filtersFromQuery(lists, register)).toEqual(filters);
  });

  test('of an address that does not fit are left out', () => {
    expect(filtersFromQuery({ 'f.person': ['张'], 'f.nosuch': ['1'], 'f.fund': ['abc..'], 'f.start': ['2021..'], 'f.name': [''] }, register)).toEqual({});
  });

  test('tell a range that is the wrong way round', () => {
    const fund = register.fields.find((one) => one.id === 'fund')!;
    expect([backwards(fund, { kind: 'between', from: '10', to: '9' }), backwards(fund, { kind: 'between', from: '9', to: '10' })]).toEqual([true, false]);
  });

  test('findings stand at their place in what was typed, counted in bytes by the server', () => {
    expect([fromBytes("status == '开工'", 11), fromBytes("status == '开工'", 14)]).toEqual([11, 12]);
    const words = "status == '开' && faulty";
    const composed = compose(words, { fund: { kind: 'between', from: '1', to: null } }, register);
    const start = new TextEncoder().encode(`(${words.slice(0, words.indexOf('faulty'))}`).length;
    const [found] = findingsIn(words, composed, [{ start, end: start + 6, code: 'E1101', message: '' }]);
    expect(words.slice(found?.start, found?.end)).toBe('faulty');
  });
});

describe('the state of a list', () => {
  test('comes back out of the address as it went in', () => {
    const state = stateFromQuery({
      q: '车间', where: 'fund > 1', 'f.status': ['前期', '已开工'], sort: '-fund', as_of: '2021-07-01', counted: '1', cols: 'code,fund', money: '亿元', view: '3',
    }, register);
    expect(state).toMatchObject({ q: '车间', sort: '-fund', counted: true, retracted: false, columns: ['code', 'fund'], money: '亿元', mode: 'expression' });
    expect(stateFromQuery(queryFromState(state) as Record<string, string>, register)).toEqual(state);
  });

  test('asks the server for rows by the same words in lists, totals and exports', () => {
    const state = stateFromQuery({ q: ' 万 ', 'f.fund': '10..', counted: '1', supporter: 'banan', sort: 'nosuch' }, register);
    expect(rowsAsked(state, register).params).toEqual({ q: '万', where: 'fund >= 10', supporter: 'banan', counted: 'true' });
    expect(state.sort).toBe('');
  });

  test('sorts up, down, and not at all', () => {
    expect([nextSort('', 'fund'), nextSort('fund', 'fund'), nextSort('-fund', 'fund'), nextSort('-fund', 'total')]).toEqual(['fund', '-fund', '', 'total']);
  });
});

describe('columns', () => {
  test('are those in use, in order; the first ones stay in sight', () => {
    expect(defaultColumns(register)).not.toContain('old');
    const columns = columnsOf(register, ['code', 'name', 'total', 'nosuch'], label);
    expect(columns.map(({ field: { id }, frozen, numeric }) => [id, frozen !== null, numeric])).toEqual([['code', true, false], ['name', false, false], ['total', false, true]]);
  });

  test('share the heads of the workbook', () => {
    const heads = headsOf(columnsOf(register, ['code', 'supporter', 'recipient', 'status', 'total', 'fund'], label, false));
    expect(heads.map(({ text, span }) => [text, span])).toEqual([['', 1], ['结对关系', 2], ['', 1], ['资金', 2]]);
  });
});

describe('a form', () => {
  const loaded = fromValues(register, { code: 'P1', total: 3170000, fund: 1585000.5, done: true, person: '王*', rate: 0.5, persons: null });

  test('holds numbers as digits and sends only what changed', () => {
    expect([loaded['total'], loaded['fund'], loaded['done'], loaded['persons']]).toEqual(['3170000', '1585000.5', true, null]);
    const now = { ...loaded, fund: '1585000.55', done: null, rate: '9' };
    expect(changedFields(register, loaded, now)).toEqual(['fund', 'done']);
    expect(toWire(register, now, ['fund', 'done'])).toEqual({ fund: 1585000.55, done: null });
  });

  test('never sends the mask of personal data back', () => {
    expect(checkValues(register, loaded, { ...loaded, name: 'x' }, false)).not.toHaveProperty('person');
    expect(checkValues(register, loaded, { ...loaded, person: '李四' }, false)).toHaveProperty('person', '李四');
    expect(checkValues(register, loaded, loaded, true)).toHaveProperty('person', '王*');
    expect(checkValues(register, loaded, loaded, true)).not.toHaveProperty('rate');
  });

  test('states of a new record only what was filled in', () => {
    expect(newValues(register, { ...blank(register), code: 'P2', done: false })).toEqual({ code: 'P2', done: false });
  });

  test('shows what is wrong at one field, the one just changed before the others', () => {
    const problem = { field: null, fields: ['total', 'fund'], code: 'S2501', severity: 'error' as const, message: '', message_en: '' };
    expect([placeOf(problem, new Set()), placeOf(problem, new Set(['fund'])), placeOf({ ...problem, field: 'code' }, new Set(['fund'])), placeOf({ ...problem, fields: [] }, new Set())])
      .toEqual(['total', 'fund', 'code', undefined]);
  });

  test('keeps neighbours of one head together', () => {
    expect(sections(register).map(({ head, fields }) => [head, fields.length])).toEqual([['', 2], ['结对关系', 2], ['', 1], ['资金', 2], ['', 8]]);
  });
});

describe('two people at one record', () => {
  const base = fromValues(register, { code: 'P1', name: 'a', total: 1, fund: 1, persons: 5 });
  const mine = { ...base, name: 'mine', fund: '2', persons: '7' };
  const theirs = { ...base, total: '9', fund: '3', persons: '7' };
  const found = clashes(register, base, mine, theirs);

  test('are told apart field by field', () => {
    expect(found.map(({ field: id, by: who }) => [id, who])).toEqual([['name', 'mine'], ['total', 'theirs'], ['fund', 'both']]);
    expect(found.map(suggested)).toEqual(['mine', 'theirs', null]);
    expect(undecided(found, {})).toEqual(['fund']);
    expect(undecided(found, { fund: 'theirs' })).toEqual([]);
  });

  test('are joined as chosen', () => {
    expect(merged(mine, theirs, found, { fund: 'theirs' })).toMatchObject({ name: 'mine', total: '9', fund: '3', persons: '7' });
    expect(merged(mine, theirs, found, { fund: 'mine', total: 'mine' })).toMatchObject({ total: '1', fund: '2' });
  });
});

describe('a draft', () => {
  test('is kept for one person and one record, and survives a shelf that refuses', () => {
    const kept = new Map<string, string>();
    const shelf = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => void kept.set(name, text), removeItem: (name: string) => void kept.delete(name) };
    const name = draftName('wanzhou', 'project', '7');
    expect(name).not.toBe(draftName('kaizhou', 'project', '7'));
    expect(takeDraft(shelf, name)).toBeNull();
    keepDraft(shelf, name, { rev: 3, values: { fund: '1' }, unread: { total: '约3' }, reason: '月报' });
    expect(takeDraft(shelf, name)).toEqual({ rev: 3, values: { fund: '1' }, unread: { total: '约3' }, reason: '月报' });
    kept.set(name, '{broken');
    expect(takeDraft(shelf, name)).toBeNull();
    dropDraft(shelf, name);
    expect(kept.size).toBe(0);
    const full = { ...shelf, setItem: () => { throw new Error('full'); } };
    expect(keepDraft(full, name, { rev: 0, values: {}, unread: {}, reason: '' })).toBe(false);
  });
});

describe('changes', () => {
  test('of a text are shown character by character', () => {
    expect(textDiff('完成主体结构施工，进入装修', '完成主体结构施工与屋面，进入装修')).toEqual([
      { kind: 'same', text: '完成主体结构施工' }, { kind: 'new', text: '与屋面' }, { kind: 'same', text: '，进入装修' },
    ]);
    expect(textDiff('甲', '乙丙')).toEqual([{ kind: 'gone', text: '甲' }, { kind: 'new', text: '乙丙' }]);
    for (const [a, b] of [['', 'x'], ['abc', ''], ['同样', '同样'], ['a一b二c', 'a三b四c']] as const) {
      const pieces = textDiff(a, b);
      expect(pieces.filter((one) => one.kind !== 'new').map((one) => one.text).join('')).toBe(a);
      expect(pieces.filter((one) => one.kind !== 'gone').map((one) => one.text).join('')).toBe(b);
    }
  });

  test('of a number are shown with their sign, in the unit of the page', () => {
    const fund = register.fields.find((one) => one.id === 'fund')!;
    expect([moved(fund, 1585000, 2585000.5, by), moved(fund, 2000000, 1000000, by), moved(fund, null, 1, by), moved(register.fields[0]!, 'a', 'b', by)])
      .toEqual(['+100.00005', '−100', null, null]);
  });
});

const of = (id: string, value: string | number | boolean | null, more: Partial<Presenting> = {}) => shown(register.fields.find((one) => one.id === id)!, value, { ...by, ...more });

describe('values', () => {
  test('are shown as people read them', () => {
    expect([of('fund', 424000000), of('fund', 0.01), of('persons', 1234567), of('year', 2021), of('done', false), of('supporter', 'banan'), of('status', '前期'), of('name', null)])
      .toEqual(['42,400', '0.000001', '1,234,567', '2021', '否', '<banan>', '前期', '']);
    expect(of('status', '前期', { english: true })).toBe('Preparation');
  });
});

const unit = (id: string, role: Unit['role'], to: string | null = null): Unit => ({
  id, kind: 'district', name: id, short: id, name_en: id, role, cluster: '', valid: { from: null, to }, code: '', codes: [], flags: [], aliases: [], within: [], successor: null, note: '',
});

describe('units to choose from', () => {
  const units = [unit('banan', 'supporter'), unit('yubei', 'supporter', '2026-01-24'), unit('wanzhou', 'recipient')];
  const ids = (day: string, present: string | null = null) => unitsFor(units, 'supporter', day, present).map((one) => one.id);

  test('have the role and exist on the day; what stands there stays', () => {
    expect(ids('2021-07-01')).toEqual(['banan', 'yubei']);
    expect(ids('2026-02-01')).toEqual(['banan']);
    expect(ids('2026-02-01', 'yubei')).toEqual(['banan', 'yubei']);
    expect(ids('2026-01-24')).toContain('yubei');
  });
});

describe('evidence', () => {
  test('that the server would refuse is not even sent', () => {
    expect([unfit({ name: '批复.PDF', size: 10 }), unfit({ name: 'a.exe', size: 10 }), unfit({ name: 'a.pdf', size: 0 }), unfit({ name: 'a.pdf', size: 21 * 1024 * 1024 })])
      .toEqual([null, 'kind', 'empty', 'large']);
  });

  test('is looked at where browsers can', () => {
    expect([previewOf('image/png'), previewOf('application/pdf'), previewOf('pdf'), previewOf('image/svg+xml'), previewOf('text/html')]).toEqual(['picture', 'pdf', 'pdf', 'none', 'none']);
  });
});
