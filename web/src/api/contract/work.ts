// Imports, jobs, briefs, press check, work to do, the pack's files.
import type { Operation } from './operation';

/** Money units that a sheet may be in, as the server writes them. */
export const MONEY = ['元', '万元', '亿元'] as const;

export type Severity = 'error' | 'warning';

export interface ProblemAt {
  sheet: string;
  /** `C12`; empty for a sheet or the whole file. */
  cell: string;
  /** From 1; 0 for a sheet or the whole file. */
  row: number;
  field: string;
  code: string;
  severity: Severity;
  message: string;
  message_en: string;
  found?: string;
  expected?: string;
}

export interface RegisterReport {
  register: string;
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  rejected: number;
}

export type ImportState =
  | 'analysing'
  | 'ready'
  | 'committing'
  | 'committed'
  | 'refused'
  | 'failed'
  | 'discarded';

export interface ImportSummary {
  id: number;
  name: string;
  size: number;
  digest: string;
  state: ImportState;
  by: string;
  at: string;
  registers: RegisterReport[];
  errors: number;
  warnings: number;
  /** The last job that worked on it. */
  job: number;
  /** The journal entries that wrote it; the first is greater than the last when nothing was written. */
  receipt: { first: number; last: number; at: string } | null;
  /** Whether its sheets and rows can still be looked at. */
  kept: boolean;
}

export interface ColumnShape {
  /** `C`. */
  col: string;
  header: string;
  /** Field id, `_state` for the other side's answer; `null` for what is not read. */
  field: string | null;
  target: 'field' | 'serial' | 'confirmation' | 'unknown';
  /** Unit in which its numbers are read. */
  measure: string;
}

/** A table, or a place that fits several registers. */
export interface TableShape {
  nth: number;
  /** `null` where several fit. */
  register: string | null;
  register_name: string;
  /** Number of the sheet, from 0. */
  sheet: number;
  sheet_name: string;
  /** First and last, from 1. */
  header_rows: number[];
  unit: string | null;
  period: string | null;
  /** Unit of the money columns that do not state their own. */
  money: string;
  columns: ColumnShape[];
  fits: { register: string; name: string }[];
}

export interface SheetShape {
  nth: number;
  name: string;
  hidden: boolean;
  rows: number;
  cols: number;
}

export interface ImportOptions {
  register: string | null;
  unit: string | null;
  period: string | null;
  accept_good_rows: boolean;
}

export interface ImportShape extends ImportSummary {
  sheets: SheetShape[];
  tables: TableShape[];
  problems: ProblemAt[];
  /** Problems beyond those given here; they stand in the sheets and in the marked workbook. */
  more_problems: number;
  options: ImportOptions;
  /** What a person has said of its sheets. */
  mapping: KeptMapping[] | null;
}

export type RowFate = 'insert' | 'update' | 'unchanged' | 'refused';

export interface SheetPage {
  name: string;
  /** Number of the first row given, from 1, as all rows here; columns from 0. */
  first: number;
  rows: string[][];
  total_rows: number;
  cols: number;
  /** Top, left, bottom, right. */
  merges: number[][];
  hidden_rows: number[];
  hidden_cols: number[];
  marks: {
    row: number;
    col: number;
    severity: Severity;
    message: string;
    message_en: string;
    code: string;
  }[];
  changes: { row: number; what: RowFate }[];
}

export interface Difference {
  field: string;
  label: string;
  before: unknown;
  after: unknown;
}

export interface PreviewRow {
  register: string;
  place: string;
  what: RowFate;
  key: string;
  values: Record<string, unknown>;
  changes: Difference[];
}

export interface Job {
  id: number;
  kind: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  /** It has been called off and will end soon. */
  cancelling: boolean;
  done: number;
  total: number | null;
  message: string;
  message_en: string;
  result: unknown;
  by: string;
  created: string;
  started: string | null;
  finished: string | null;
}

export type Verdict = 'confirmed' | 'contradicted' | 'unmatched';

export interface PressClaim {
  text: string;
  /** In characters (code points) of the text. */
  offset: number;
  length: number;
  value: number | null;
  /** The upper end of a range. */
  upto: number | null;
  unit: string;
  indicator: string | null;
  name: string | null;
  name_en: string | null;
  /** The unit whose own number it states; `null` for the whole. */
  place: string | null;
  verdict: Verdict;
  ledger: number | null;
  display: string | null;
  reason: string;
  reason_en: string;
  /** Whether the same statement was made before. */
  repeat: boolean;
}

export interface PressAnswer {
  text: string;
  claims: PressClaim[];
  period: string;
  as_of: string;
}

export interface TodoItem {
  kind: 'file' | 'import' | 'open' | 'missing' | 'locked' | 'health';
  title: string;
  title_en: string;
  detail: string;
  detail_en: string;
  register: string | null;
  period: string | null;
  unit: string | null;
  count: number | null;
  /** Path within the desk. */
  to: string;
  due: string | null;
  severity: 'high' | 'normal' | 'low';
}

export interface BriefShape {
  id: string;
  /** Title with the period's name. */
  name: string;
  name_en: string;
  issuer: string;
}

interface ById {
  id: number;
}

export interface WorkPaths {
  '/api/v1/imports': {
    get: Operation<{
      query: { limit?: number; after?: string };
      answer: { imports: ImportSummary[]; next: string | null };
    }>;
  };
  '/api/v1/imports/{id}': {
    get: Operation<{ path: ById; answer: ImportShape }>;
    delete: Operation<{ path: ById }>;
  };
  '/api/v1/imports/{id}/sheets/{nth}': {
    get: Operation<{
      path: ById & { nth: number };
      query: { from?: number; rows?: number };
      answer: SheetPage;
    }>;
  };
  '/api/v1/imports/{id}/preview': {
    get: Operation<{
      path: ById;
      query: { register?: string; what?: RowFate; after?: string; limit?: number };
      answer: { rows: PreviewRow[]; next: string | null };
    }>;
  };
  '/api/v1/imports/{id}/mapping': {
    post: Operation<{ path: ById; body: Mapping; answer: { id: number; job: number } }>;
  };
  '/api/v1/imports/{id}/commit': {
    post: Operation<{
      path: ById;
      body: { accept_good_rows: boolean; reason: string };
      answer: { job: number };
    }>;
  };
  '/api/v1/jobs/{id}': {
    get: Operation<{ path: ById; answer: Job }>;
    delete: Operation<{ path: ById }>;
  };
  '/api/v1/briefs': { get: Operation<{ query: { period?: string }; answer: { briefs: BriefShape[] } }> };
  '/api/v1/todo': { get: Operation<{ query: { period?: string }; answer: { items: TodoItem[]; period: string } }> };
  '/api/v1/returns': { post: Operation<{ body: ReturnShape }> };
  '/api/v1/pack/files': { get: Operation<{ answer: { files: { path: string; size: number }[] } }> };
}

/** What was said of a sheet, columns by number from 0. */
export interface KeptMapping {
  sheet: number;
  skip: boolean;
  register: string | null;
  header: number | null;
  money: string | null;
  columns: Record<string, string | null>;
}

/** What a person says about a workbook that was not understood; takes the place of what was said before. */
export interface Mapping {
  tables: {
    sheet: number;
    /** The sheet is not to be read at all. */
    skip?: boolean;
    register?: string;
    /** Last row of the header, from 1. */
    header?: number;
    /** Unit of the money columns that do not state their own. */
    money?: string;
    columns?: Record<string, string | null>;
  }[];
  unit?: string;
  period?: string;
}

export interface ReturnShape {
  register: string;
  period: string;
  unit: string;
  kind: 'no-change' | 'nil' | 'filed';
}
