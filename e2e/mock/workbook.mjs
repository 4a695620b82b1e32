// A workbook with mistakes, as the server tells of it.

const HEADER = ['序号', '项目编号', '项目名称', '帮扶区县', '受援区县', '总投资', '帮扶资金', '下达日期', '备注'];
const NAMES = ['柑橘产地初加工中心', '临港物流仓储', '村级便民服务站', '乡镇污水管网', '产业示范园道路', '冷链集配站', '职教实训基地'];
export const ROWS = 400;

function cells() {
  const rows = [
    ['2021年上半年项目台账', ...Array.from({ length: 8 }, () => '')],
    ['填报单位：江津区', '', '', '', '', '', '', '单位：万元', ''],
    ['序号', '项目编号', '项目名称', '帮扶区县', '受援区县', '资金', '', '下达日期', '备注'],
    ['', '', '', '', '', '总投资', '帮扶资金', '', ''],
  ];
  for (let at = 1; rows.length < ROWS; at += 1) {
    rows.push([
      String(at), `JJ-KZ-${String(at).padStart(3, '0')}`, `${NAMES[at % NAMES.length]}（${at}期）`, '江津区', '开州区',
      String(300 + at * 7), String(100 + at * 3), `2021-0${1 + (at % 6)}-1${at % 10}`, at % 9 ? '' : '含社会资本',
    ]);
  }
  rows[6][6] = '三百二十万';
  rows[9][4] = '开洲区';
  rows[11][7] = '2021年4月';
  rows[13][5] = '约460';
  rows[347][6] = '-120';
  return rows;
}

const ROW_CELLS = cells();
const MERGES = [[1, 0, 1, 8], [3, 0, 4, 0], [3, 1, 4, 1], [3, 2, 4, 2], [3, 3, 4, 3], [3, 4, 4, 4], [3, 5, 3, 6], [3, 7, 4, 7], [3, 8, 4, 8]];

const problem = (cell, code, severity, field, message, message_en) => ({
  sheet: '项目台账', cell, row: Number(cell.replace(/\D/g, '')), field, code, severity, message, message_en, found: '', expected: '',
});

export const PROBLEMS = [
  problem('G7', 'S2101', 'error', 'fund', '“三百二十万”不是数字：请写成 320', '“三百二十万” is not a number: write 320'),
  problem('E10', 'S2304', 'error', 'recipient', '没有叫“开洲区”的单位：是不是“开州区”？', 'There is no unit “开洲区”: 开州区?'),
  problem('H12', 'S2202', 'error', 'issued_date', '“2021年4月”缺日：请写到日，如 2021-04-15', 'The day is missing: write 2021-04-15'),
  problem('F14', 'S2106', 'warning', 'total_investment', '“约460”按 460 读取', '“约460” is read as 460'),
  problem('G348', 'S2105', 'error', 'fund', '帮扶资金不能为负：-120', 'Assistance funds cannot be negative: -120'),
];

const column = (col, header, field, target = 'field', measure = '') => ({ col, header, field, target, measure });

/** The import as it was recognised; `more` says otherwise. */
export function workbook(more = {}) {
  return {
    id: 7, name: '江津区2021年上半年项目台账（终稿）.xlsx', size: 48_213, digest: 'ab12', state: 'ready', by: 'jiangjin-clerk',
    at: '2021-07-05T02:11:00Z', errors: 4, warnings: 1, more_problems: 0, job: 3, receipt: null, kept: true, mapping: null,
    registers: [{ register: 'project', read: 396, inserted: 380, updated: 6, unchanged: 6, rejected: 4 }],
    sheets: [
      { nth: 0, name: '项目台账', hidden: false, rows: ROWS, cols: 9 },
      { nth: 1, name: '说明', hidden: false, rows: 3, cols: 1 },
      { nth: 2, name: '旧表', hidden: true, rows: 3, cols: 1 },
    ],
    tables: [{
      nth: 0, register: 'project', register_name: '项目台账', sheet: 0, sheet_name: '项目台账', header_rows: [3, 4], unit: 'jiangjin',
      period: '2021H1', money: '万元', fits: [],
      columns: [
        column('A', '序号', null, 'serial'), column('B', '项目编号', 'code'), column('C', '项目名称', 'name'),
        column('D', '帮扶区县', 'supporter'), column('E', '受援区县', 'recipient'), column('F', '资金/总投资', 'total_investment', 'field', '万元'),
        column('G', '资金/帮扶资金', 'fund', 'field', '万元'), column('H', '下达日期', 'issued_date'), column('I', '备注', null, 'unknown'),
      ],
    }],
    problems: PROBLEMS, options: { register: null, unit: null, period: null, accept_good_rows: false }, ...more,
  };
}

/** A part of a sheet. */
export function sheet(nth, from, rows) {
  if (nth !== 0) {
    const text = [['填表说明'], ['金额以万元为单位'], ['不清楚的请电话联系']];
    return { name: nth === 1 ? '说明' : '旧表', first: 1, rows: text, total_rows: 3, cols: 1, merges: [], hidden_rows: [], hidden_cols: [], marks: [], changes: [] };
  }
  const last = Math.min(ROWS, from + rows - 1);
  const within = (row) => row >= from && row <= last;
  const marks = PROBLEMS.filter((one) => within(one.row)).map(({ cell, row, code, severity, message, message_en }) => ({
    row, col: cell.charCodeAt(0) - 65, code, severity, message, message_en,
  }));
  const refused = new Set(PROBLEMS.filter((one) => one.severity === 'error').map((one) => one.row));
  const changes = [];
  for (let row = Math.max(5, from); row <= last; row += 1) {
    changes.push({ row, what: refused.has(row) ? 'refused' : row % 60 === 5 ? 'update' : row % 60 === 8 ? 'unchanged' : 'insert' });
  }
  return {
    name: '项目台账', first: from, rows: ROW_CELLS.slice(from - 1, last), total_rows: ROWS, cols: HEADER.length,
    merges: MERGES.filter(([top, , bottom]) => bottom >= from && top <= last), hidden_rows: [16].filter(within), hidden_cols: [8], marks, changes,
  };
}

/** Rows with what becomes of them. */
export function preview(what) {
  const all = [
    { register: 'project', place: '项目台账!A5', what: 'update', key: 'JJ-KZ-001', values: { code: 'JJ-KZ-001', name: '临港物流仓储（1期）', supporter: 'jiangjin', recipient: 'kaizhou', total_investment: 3_070_000, fund: 1_030_000, issued_date: '2021-02-11' },
      changes: [{ field: 'fund', label: '帮扶资金', before: 900_000, after: 1_030_000 }, { field: 'issued_date', label: '下达日期', before: null, after: '2021-02-11' }] },
    { register: 'project', place: '项目台账!A6', what: 'insert', key: 'JJ-KZ-002', values: { code: 'JJ-KZ-002', name: '村级便民服务站（2期）', supporter: 'jiangjin', recipient: 'kaizhou', total_investment: 3_140_000, fund: 1_060_000, issued_date: '2021-03-12' }, changes: [] },
    { register: 'project', place: '项目台账!A7', what: 'refused', key: 'JJ-KZ-003', values: { code: 'JJ-KZ-003', name: '乡镇污水管网（3期）' }, changes: [] },
    { register: 'project', place: '项目台账!A8', what: 'unchanged', key: 'JJ-KZ-004', values: { code: 'JJ-KZ-004' }, changes: [] },
  ];
  return { rows: all.filter((one) => !what || one.what === what), next: null };
}
