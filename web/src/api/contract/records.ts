import type { Operation } from './operation';

/** A value of a record: number, text, day, truth, or nothing stated. */
export type Value = string | number | boolean | null;

export type Values = Record<string, Value>;

export interface Evidence {
  digest: string;
  name: string;
  type: string;
  size: number;
  at: string;
  actor: string;
  /** What people call them. */
  by: string;
  entry: number;
}

export type Confirmation = 'pending' | 'agreed' | 'contested' | 'arbitrated';

/** One revision of a record. */
export interface RecordShape {
  record: number;
  rev: number;
  key: string;
  confirmation: Confirmation;
  retracted: boolean;
  entry: number;
  ended: number | null;
  source: string;
  place: string;
  values: Values;
  counted?: boolean;
  /** Where the caller may bring it between its sides. */
  answers?: Confirmation[];
  evidence?: Evidence[];
}

export interface RecordPage {
  records: RecordShape[];
  total: number;
  next: string | null;
  as_of: string;
}

export interface Totals {
  total: number;
  sums: Record<string, number | string | null>;
  as_of: string;
}

export interface FieldChange {
  field: string;
  label: string;
  before: Value;
  after: Value;
}

export interface Revision {
  record: RecordShape;
  at: string;
  actor: string;
  /** What people call them. */
  by: string;
  reason: string;
  action: string;
  file: string;
  changes: FieldChange[];
}

export interface History {
  register: string;
  record: number;
  key: string;
  revisions: Revision[];
}

/** One thing wrong with a record. */
export interface FieldProblem {
  /** `null` when the record as a whole is meant. */
  field: string | null;
  /** All fields that it is about: those that a rule looks at. */
  fields?: string[];
  code: string;
  severity: 'error' | 'warning';
  message: string;
  message_en: string;
  /** The record that is meant, where several are changed at once. */
  record?: number | null;
}

export interface Checked {
  values: Values;
  problems: FieldProblem[];
}

/** What a 412 carries beside its sentence: the record as it is now, and who made it so. */
export interface Conflict {
  current: RecordShape;
  by: { actor: string; name: string; at: string; reason: string };
  changes: FieldChange[];
}

export interface SavedView {
  id: number | string;
  register: string;
  name: string;
  query: string;
}

/** Which rows: lists, totals and exports share it. */
export interface RowsAsked {
  q?: string;
  where?: string;
  supporter?: string;
  recipient?: string;
  as_of?: string;
  counted?: boolean;
  open?: boolean;
  period?: string;
  retracted?: boolean;
}

interface At {
  register: string;
  record: number | string;
}

export interface RecordsPaths {
  '/api/v1/registers/{register}/records': {
    get: Operation<{
      path: { register: string };
      query: RowsAsked & { sort?: string; limit?: number; after?: string; fields?: string };
      answer: RecordPage;
    }>;
    post: Operation<{
      path: { register: string };
      header: { 'Idempotency-Key': string };
      body: { values: Values; confirmation?: Confirmation; reason?: string };
      answer: RecordShape;
    }>;
  };
  '/api/v1/registers/{register}/totals': {
    get: Operation<{ path: { register: string }; query: RowsAsked; answer: Totals }>;
  };
  '/api/v1/registers/{register}/records/{record}': {
    get: Operation<{ path: At; answer: RecordShape }>;
    patch: Operation<{
      path: At;
      header: { 'If-Match': string };
      body: { values: Values; confirmation?: Confirmation; reason: string };
      answer: RecordShape;
    }>;
    delete: Operation<{ path: At; header: { 'If-Match': string }; query: { reason: string } }>;
  };
  '/api/v1/registers/{register}/records/{record}/restore': {
    post: Operation<{
      path: At;
      header: { 'If-Match': string };
      body: { rev: number; reason: string };
      answer: RecordShape;
    }>;
  };
  '/api/v1/registers/{register}/records/{record}/revisions': {
    get: Operation<{ path: At; answer: History }>;
  };
  '/api/v1/registers/{register}/records/{record}/evidence/{digest}': {
    delete: Operation<{ path: At & { digest: string }; query: { reason: string } }>;
  };
  '/api/v1/registers/{register}/bulk': {
    post: Operation<{
      path: { register: string };
      body: { records: { record: number; rev: number }[]; values: Values; reason: string };
      answer: { updated: number; unchanged: number };
    }>;
  };
  '/api/v1/registers/{register}/check': {
    post: Operation<{
      path: { register: string };
      body: { values: Values; record?: number };
      answer: Checked;
    }>;
  };
  '/api/v1/views': {
    get: Operation<{ query: { register: string }; answer: { views: SavedView[] } }>;
    post: Operation<{ body: { register: string; name: string; query: string }; answer: SavedView }>;
  };
  '/api/v1/views/{id}': { delete: Operation<{ path: { id: number | string } }> };
}
