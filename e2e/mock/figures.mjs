// Figures made up for the board, the wall and the cards: enough of each kind to see it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const declared = JSON.parse(readFileSync(join(import.meta.dirname, 'declared.json'), 'utf8'));
const MOMENT = '2021-07-05T02:00:00Z';
const COVERAGE = { reported: 14, due: 17 };

const SEED = {
  'PRJ-N-ISSUED': [144, '144个'], 'PRJ-V-TOTAL': [750_000_000, '7.5亿元'], 'FND-V-ISSUED': [424_000_000, '4.24亿元'],
  'PRJ-N-STARTED': [53, '53个'], 'PRJ-R-START': [36.8, '36.8%'], 'CON-S': [18, '18个'], 'CON-R-POOR': [null, '未报'],
  'CON-V': [74_360_000, '7400余万元'],
};
const past = (period, value, display) => ({ period, version: 1, value, display, coverage: COVERAGE });

/** One figure; those of CON-V come with a past that was defined otherwise. */
export function figure(id, more = {}) {
  const about = declared.indicators.find((one) => one.id === id);
  const [value, display] = SEED[id];
  const known = value !== null && id !== 'CON-S';
  return {
    indicator: id, version: id === 'CON-V' ? 2 : 1, name: about.name, value, unit: about.unit, display, period: '2021H1',
    by: 'whole', cut: '', cut_units: ['', ''], coverage: COVERAGE, as_of: MOMENT,
    previous: known ? past('2020H2', value / 2, display) : null,
    last_year: known ? past('2020H1', value * 2, display) : null,
    change: known ? value / 2 : null, change_display: known ? `+${id === 'PRJ-R-START' ? '18.4个百分点' : display.replace('余', '')}` : '',
    change_year: known ? -value : null, change_year_display: known ? `-${id === 'PRJ-R-START' ? '36.8个百分点' : display.replace('余', '')}` : '',
    ...more,
  };
}

const ids = declared.indicators.map((one) => one.id);
const light = { light: 'amber', why: '17个单位中14个已报', why_en: '14 of 17 units have filed' };

function links(width, part) {
  const value = { 'FND-V-ISSUED': 20_000_000, 'PRJ-N-ISSUED': 6 }[width] ?? null;
  return declared.links
    .filter((link) => (!part.supporter || link.supporter === part.supporter) && (!part.recipient || link.recipient === part.recipient))
    .map(({ supporter, recipient, certainty }, nth) => ({
      supporter, recipient, certainty,
      value: supporter && recipient && value !== null ? value * (nth + 1) : null,
      display: supporter && recipient ? `${nth + 1}件` : '',
    }));
}

/** The board, cut as the address says. */
export function board({ url }) {
  const asked = Object.fromEntries(url.searchParams);
  const about = (id) => declared.indicators.find((one) => one.id === id);
  const themes = [{ id: '', name: '综合', name_en: 'General' }, ...declared.themes].map((theme) => ({
    id: theme.id, name: theme.name, name_en: theme.name_en,
    figures: ids.filter((id) => about(id).theme === theme.id).map((id) => ({
      ...figure(id, asked.supporter ? { value: 7, display: '7个' } : {}),
      name_en: about(id).name_en, certainty: about(id).certainty, ...light,
    })),
  }));
  return {
    period: asked.period ?? '2021H1', previous: '2020H2', last_year: '2020H1', as_of: MOMENT, illustrative: '示例数据',
    themes: themes.filter((theme) => theme.figures.length > 0),
    coverage: declared.registers.map((one) => ({
      register: one.id, name: one.name, reported: ['wanzhou', 'kaizhou'], missing: one.id === 'fund' ? ['chengkou'] : [], due: one.id === 'fund' ? 3 : 2,
    })),
    filed: { reported: 14, due: 17, missing: ['chengkou', 'youyang', 'pengshui'] },
    width: { indicator: asked.width ?? 'FND-V-ISSUED', name: '', name_en: '', unit: '元' },
    links: links(asked.width ?? 'FND-V-ISSUED', asked),
    lights: [
      ['wanzhou', 'green'], ['kaizhou', 'green'], ['liangping', 'amber'], ['youyang', 'red'], ['pengshui', 'grey'],
    ].map(([unit, colour]) => ({ unit, reported: 1, due: 3, light: colour, why: '3本台账中1本已报', why_en: '1 of 3 registers filed' })),
  };
}

const DISTRICTS = { chengkou: [2, 3], kaizhou: [2, 2], wanzhou: [3, 2], liangping: [2, 1], youyang: [3, 0], pengshui: [2, 0], jiangbei: [1, 1], yongchuan: [0, 0], bishan: [0, 1], tongnan: [0, 2], jiangjin: [1, 0], qijiang: [1, -1], yubei: [1, 2] };
const square = ([x, y]) => [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]];

/** A chequered country. */
export const boundaries = {
  type: 'FeatureCollection', attribution: '示意图，非行政区划',
  places: Object.fromEntries(Object.entries({ ...DISTRICTS, 'liangjiang-zone': [1, 1.6] }).map(([id, [x, y]]) => [id, [107 + x * 0.5 + 0.25, 29 + y * 0.5 + 0.25]])),
  features: Object.entries(DISTRICTS).map(([id, [x, y]]) => {
    const unit = declared.units.find((one) => one.id === id);
    return {
      type: 'Feature', id, properties: { unit: id, code: '', name: unit.name, short: unit.short, name_en: unit.name_en, role: unit.role, cluster: '', cp: [107 + x * 0.5 + 0.25, 29 + y * 0.5 + 0.25] },
      geometry: { type: 'MultiPolygon', coordinates: [square([x, y]).map((ring) => ring.map(([a, b]) => [107 + a * 0.5, 29 + b * 0.5]))] },
    };
  }),
};

const row = (record, counted = true) => ({
  register: 'project', record, rev: 2, key: `2021|${record}`, confirmation: counted ? 'agreed' : 'pending', counted, entry: 9,
  source: 'ab'.repeat(32), place: `项目台账!A${record + 4}`,
  values: { code: `P-${record}`, year: 2021, name: `项目${record}`, supporter: 'jiangjin', recipient: 'kaizhou', total_investment: 1_000_000 + record, issued_date: '2021-04-16' },
});

/** A figure opened, its rows page by page. */
export function opened(id, total = 120) {
  return ({ url }) => {
    const from = Number(url.searchParams.get('from') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const about = declared.indicators.find((one) => one.id === id);
    const count = Math.max(0, Math.min(limit, total - from));
    return {
      figure: figure(id, url.searchParams.get('cut') ? { value: 6, display: '6个', by: url.searchParams.get('by') } : { unconfirmed: 3 }),
      definition: {
        indicator: id, version: 1, name: about.name, name_en: about.name_en, definition: about.definition, remark: about.remark,
        certainty: about.certainty, owner: about.owner, clause: about.clause, time: '自年初累计至期末', window: ['2021-01-01', '2021-06-30'],
      },
      sql: ['SELECT COUNT(*) FROM "project"'], missing: ['城口县', '酉阳县', '彭水县'], total, counted: total - 1,
      rows: Array.from({ length: count }, (_, nth) => row(from + nth + 1, from + nth + 1 !== 2)), parts: [],
    };
  };
}

/** Everything that the board, the list of figures and the card of one ask for. */
export const routes = {
  'GET /api/v1/board': board,
  'GET /api/v1/boundaries': boundaries,
  'GET /api/v1/figures': ({ url }) => {
    const by = url.searchParams.get('by') ?? 'whole';
    if (by === 'whole') return ids.map((id) => figure(id));
    return ids.flatMap((id) => declared.links.filter((link) => link.supporter && link.recipient).map((link) => figure(id, {
      by, cut: `${link.supporter}→${link.recipient}`, value: 6, display: '6个',
      cut_units: [by === 'recipient' ? '' : link.supporter, by === 'supporter' ? '' : link.recipient],
    })));
  },
  ...Object.fromEntries(ids.flatMap((id) => [
    [`GET /api/v1/figures/${id}/trend`, {
      indicator: id, unit: '', as_of: MOMENT,
      points: [1, 2, null, 3, 4].map((value, nth) => ({
        period: `20${19 + Math.floor(nth / 2)}H${(nth % 2) + 1}`, version: 1, value, display: value === null ? '未报' : `${value}个`, coverage: COVERAGE,
      })),
    }],
    [`GET /api/v1/figures/${id}`, opened(id)],
  ])),
  'GET /api/v1/figures/PRJ-N-ISSUED/definitions': {
    indicator: 'PRJ-N-ISSUED',
    versions: [1, 2].map((version) => ({
      ...opened('PRJ-N-ISSUED')({ url: new URL('http://x') }).definition, version, definition: `第${version}种数法`, current: version === 1,
      valid: version === 1 ? { from: null, to: '2024-12-31' } : { from: '2025-01-01', to: null },
    })),
    clause: { id: '2.1', title: '项目', text: '下达年度计划项目', source: '' },
    registers: [{ id: 'project', name: '项目台账', name_en: 'Projects' }],
  },
  'GET /api/v1/registers/project/records/1/revisions': {
    register: 'project', record: 1, key: '2021|1',
    revisions: [1, 2].map((rev) => ({
      record: { ...row(1), rev, retracted: false, ended: null }, at: MOMENT, actor: 'kaizhou-clerk', by: '开州区填报', reason: rev === 2 ? '改正总投资' : '导入', action: 'import',
      file: '项目.xlsx', changes: rev === 2 ? [{ field: 'total_investment', label: '总投资', before: 900_000, after: 1_000_001 }] : [],
    })),
  },
  'GET /api/v1/registers/project/records/1': {
    ...row(1), retracted: false, ended: null,
    evidence: [{ digest: 'cd'.repeat(32), name: '验收单.pdf', type: 'application/pdf', size: 12, at: MOMENT, actor: 'kaizhou-clerk', by: '开州区填报', entry: 11 }],
  },
};
