// Imports, jobs, briefs, press check, work to do, the pack's files.
import type { Operation } from './operation';

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
  id: string;
  name: string;
  size: number;
  digest: string;
  state: ImportState;
  by: string;
  at: string;
  registers: RegisterReport[];
  errors: number;
  warnings: number;
  job: string | null;
}

export interface ColumnShape {
  /** `C`. */
  col: string;
  header: string;
  field: string | null;
  /** `field`, `serial`, `confirmation` or `unknown`. */
  target: string;
  measure: string | null;
}

export interface TableShape {
  nth: number;
  register: string;
  register_name: string;
  sheet: string;
  /** First and last, from 1. */
  header_rows: [number, number];
  unit: string | null;
  period: string | null;
  columns: ColumnShape[];
  /** Registers that fit, when several do. */
  fits?: string[];
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
  options: ImportOptions;
  receipt: unknown;
}

export type RowFate = 'insert' | 'update' | 'unchanged' | 'refused';

export interface SheetPage {
  name: string;
  /** Number of the first row given, from 0. */
  first: number;
  rows: string[][];
  total_rows: number;
  cols: number;
  merges: [number, number, number, number][];
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
  place: string;
  what: RowFate;
  key: string;
  values: Record<string, unknown>;
  changes: Difference[];
}

export interface Job {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  total: number | null;
  message: string;
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
  unit: string;
  indicator: string | null;
  name: string | null;
  verdict: Verdict;
  ledger: number | null;
  display: string | null;
  reason: string;
  /** Where the same statement stands again, or whether this one repeats another. */
  repeat: boolean;
}

export interface PressAnswer {
  text: string;
  claims: PressClaim[];
}

export interface TodoItem {
  kind: string;
  title: string;
  title_en: string;
  detail: string;
  detail_en: string;
  register?: string | null;
  period?: string | null;
  unit?: string | null;
  count?: number | null;
  /** Path within the desk. */
  to: string;
  due?: string | null;
  severity: 'high' | 'normal' | 'low';
}

export interface BriefShape {
  id: string;
  name: string;
  name_en: string;
}

interface ById {
  id: string;
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
      query: { register?: string; what?: RowFate; after?: string };
      answer: { rows: PreviewRow[]; next: string | null };
    }>;
  };
  '/api/v1/imports/{id}/mapping': {
    post: Operation<{ path: ById; body: Mapping; answer: { id: string } }>;
  };
  '/api/v1/imports/{id}/commit': {
    post: Operation<{
      path: ById;
      body: { accept_good_rows: boolean; reason: string };
      answer: { job: string };
    }>;
  };
  '/api/v1/jobs/{id}': {
    get: Operation<{ path: ById; answer: Job }>;
    delete: Operation<{ path: ById }>;
  };
  '/api/v1/briefs': { get: Operation<{ answer: { briefs: BriefShape[] } }> };
  '/api/v1/todo': { get: Operation<{ answer: { items: TodoItem[] } }> };
  '/api/v1/returns': { post: Operation<{ body: ReturnShape }> };
  '/api/v1/pack/files': { get: Operation<{ answer: { files: { path: string; size: number }[] } }> };
}

/** What a person says about a workbook that was not understood. */
export interface Mapping {
  tables: { sheet: string; register?: string; columns?: Record<string, string | null> }[];
  unit?: string;
  period?: string;
}

export interface ReturnShape {
  register: string;
  period: string;
  unit: string;
  kind: 'no-change' | 'nil' | 'filed';
}
