import type { Operation } from './operation';
import type { Confirmation } from './records';
import type { Action } from './session';

/** From when to when; both ends inclusive, `null` is open. */
export interface Span {
  from: string | null;
  to: string | null;
}

export interface Dated {
  word: string;
  valid: Span;
}

export interface Mechanism {
  id: string;
  version: string;
  digest: string;
  name: string;
  name_en: string;
  valid: Span;
  start: string;
  currency: string;
  supporter_word: string;
  supporter_word_en: string;
  recipient_word: string;
  recipient_word_en: string;
  clusters: { id: string; name: string; name_en: string }[];
  flags: { id: string; name: string; name_en: string }[];
  illustrative: string | null;
  illustrative_en: string | null;
  period: string;
}

export interface Theme {
  id: string;
  name: string;
  name_en: string;
  aliases: string[];
}

export interface Unit {
  id: string;
  kind: 'district' | 'zone' | 'department' | 'city';
  name: string;
  short: string;
  name_en: string;
  role: 'supporter' | 'recipient' | 'none';
  cluster: string;
  valid: Span;
  code: string;
  codes: Dated[];
  flags: Dated[];
  aliases: Dated[];
  within: string[];
  successor: string | null;
  note: string;
}

export type Certainty = 'attested' | 'likely' | 'open';

export interface Link {
  supporter: string | null;
  recipient: string | null;
  valid: Span;
  certainty: Certainty;
  evidence: string;
}

export interface Clause {
  id: string;
  title: string;
  title_en: string;
  text: string;
  text_en: string;
  theme: string;
  registers: string[];
  indicators: string[];
  source: string;
}

export interface Indicator {
  id: string;
  version: number;
  valid: Span;
  name: string;
  name_en: string;
  theme: string;
  clause: string;
  owner: string;
  owner_en: string;
  definition: string;
  definition_en: string;
  remark: string;
  remark_en: string;
  certainty: Certainty;
  unit: string;
  display_unit: string;
  measure: string;
  numerator: string | null;
  denominator: string | null;
  time: 'flow' | 'cumulative' | 'stock' | 'latest';
  since: string | null;
  sources: {
    register: string;
    filter: string | null;
    date: string | null;
    done_by: string | null;
    ends: string | null;
    value: string | null;
    distinct: string | null;
  }[];
}

export interface RegisterSummary {
  id: string;
  code: string;
  name: string;
  name_en: string;
  theme: string;
  reporter: 'supporter' | 'recipient' | 'city';
  frequency: string;
}

export interface Field {
  id: string;
  label: string;
  label_en: string;
  type: 'text' | 'choice' | 'int' | 'decimal' | 'money' | 'area' | 'date' | 'unit' | 'bool';
  measure: string;
  measure_en: string;
  required: boolean;
  options: string[];
  /** English labels of the options, in the same order. */
  options_en?: string[];
  derived: string | null;
  personal: boolean;
  retired: string | null;
  help: string;
  help_en: string;
  /** Role of the units that may stand here. */
  role?: string | null;
  /** Head cells above the field in the workbook. */
  group?: string[];
  width?: number | null;
  max?: number | null;
  scale?: number | null;
  /** Indicators that use the field. */
  indicators?: { id: string; name: string }[];
}

export interface Rule {
  id: string;
  holds: string;
  message: string;
  message_en: string;
  severity: 'error' | 'warning';
}

export interface Register {
  about: RegisterSummary;
  key: string[];
  supporter: string | null;
  recipient: string | null;
  date: string | null;
  fields: Field[];
  rules: Rule[];
  /** What the caller may do with this register. */
  actions?: Action[];
  /** Where a new record of the caller may stand between its sides, the usual first. */
  confirmations?: Confirmation[];
  layout?: { sheet: string; money: '元' | '万元' | '亿元' };
}

export interface DeclaredPaths {
  '/api/v1/mechanism': { get: Operation<{ answer: Mechanism }> };
  '/api/v1/themes': { get: Operation<{ answer: Theme[] }> };
  '/api/v1/units': { get: Operation<{ answer: Unit[] }> };
  '/api/v1/links': { get: Operation<{ answer: Link[] }> };
  '/api/v1/clauses': { get: Operation<{ answer: Clause[] }> };
  '/api/v1/indicators': { get: Operation<{ answer: Indicator[] }> };
  '/api/v1/registers': { get: Operation<{ answer: RegisterSummary[] }> };
  '/api/v1/registers/{register}': {
    get: Operation<{ path: { register: string }; answer: Register }>;
  };
}
