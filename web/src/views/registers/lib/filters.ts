// Filters of single fields, and the expression that the server understands.

import type { Field, Register } from '@/api/contract';
import { compare, plain } from './decimal';

/** What is asked of one field. Numbers stand in the base unit (元, 亩), days as ISO 8601. */
export type FieldFilter =
  | { kind: 'contains'; text: string }
  | { kind: 'one-of'; values: string[] }
  | { kind: 'between'; from: string | null; to: string | null }
  | { kind: 'truth'; value: boolean }
  | { kind: 'empty' }
  | { kind: 'stated' };

export type Filters = Record<string, FieldFilter>;

/** Which filter a field takes; personal data takes none. */
export function filterKind(field: Field): 'contains' | 'one-of' | 'between' | 'truth' | null {
  if (field.personal) return null;
  switch (field.type) {
    case 'text': return 'contains';
    case 'choice':
    case 'unit': return 'one-of';
    case 'bool': return 'truth';
    default: return 'between';
  }
}

/** A text in the quotes of the expression language. */
export function quoted(text: string): string {
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    .replace(/\n/g, '\\n')
    .replace(/\t/g, '\\t');
  return `'${escaped}'`;
}

/** One filter as an expression; `null` when it asks for nothing. */
export function filterExpression(field: Field, filter: FieldFilter): string | null {
  const { id } = field;
  switch (filter.kind) {
    case 'contains': return filter.text === '' ? null : `${id}.contains(${quoted(filter.text)})`;
    case 'one-of': {
      const [first] = filter.values;
      if (first === undefined) return null;
      return filter.values.length === 1
        ? `${id} == ${quoted(first)}`
        : `${id} in [${filter.values.map(quoted).join(', ')}]`;
    }
    case 'between': {
      const literal = (text: string) => (field.type === 'date' ? `date(${quoted(text)})` : text);
      const parts: string[] = [];
      if (filter.from !== null) parts.push(`${id} >= ${literal(filter.from)}`);
      if (filter.to !== null) parts.push(`${id} <= ${literal(filter.to)}`);
      return parts.length === 0 ? null : parts.join(' && ');
    }
    case 'truth': return `${id} == ${filter.value}`;
    case 'empty': return `${id} == null`;
    case 'stated': return `has(${id})`;
  }
}

export interface Composed {
  /** What the server is asked; `null` when nothing. */
  where: string | null;
  /** Characters before the expression that was typed. */
  lead: number;
}

/** The expression typed and the filters of the fields, as one. */
export function compose(typed: string, filters: Filters, register: Register): Composed {
  const parts: string[] = [];
  for (const field of register.fields) {
    const filter = filters[field.id];
    const part = filter ? filterExpression(field, filter) : null;
    if (part !== null) parts.push(part);
  }
  const own = typed.trim();
  if (own === '') return { where: parts.length === 0 ? null : parts.join(' && '), lead: 0 };
  if (parts.length === 0) return { where: typed, lead: 0 };
  return { where: `(${typed}) && ${parts.join(' && ')}`, lead: 1 };
}

/** Places in a text count bytes on the server, UTF-16 units here. */
export function fromBytes(text: string, byte: number): number {
  let bytes = 0;
  let at = 0;
  for (const character of text) {
    if (bytes >= byte) break;
    bytes += new TextEncoder().encode(character).length;
    at += character.length;
  }
  return at;
}

export interface Finding {
  start: number;
  end: number;
  code: string;
  message: string;
  message_en?: string;
}

/** Findings moved to their places in the expression that was typed. */
export function findingsIn(typed: string, composed: Composed, findings: Finding[]): Finding[] {
  const where = composed.where ?? '';
  const inside = (at: number) => Math.min(Math.max(at - composed.lead, 0), typed.length);
  return findings.map((finding) => ({
    ...finding,
    start: inside(fromBytes(where, finding.start)),
    end: inside(fromBytes(where, finding.end)),
  }));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Filters as they stand in the address, one parameter `f.FIELD` each: a text to contain, one
 * parameter per value wanted, `from..to`, `yes` or `no`; `empty` and `stated` list fields.
 */
export function filtersToQuery(filters: Filters): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  const empty: string[] = [];
  const stated: string[] = [];
  for (const [id, filter] of Object.entries(filters)) {
    switch (filter.kind) {
      case 'contains': if (filter.text !== '') query[`f.${id}`] = filter.text; break;
      case 'one-of': if (filter.values.length > 0) query[`f.${id}`] = [...filter.values]; break;
      case 'between':
        if (filter.from !== null || filter.to !== null) query[`f.${id}`] = `${filter.from ?? ''}..${filter.to ?? ''}`;
        break;
      case 'truth': query[`f.${id}`] = filter.value ? 'yes' : 'no'; break;
      case 'empty': empty.push(id); break;
      case 'stated': stated.push(id); break;
    }
  }
  if (empty.length > 0) query['empty'] = empty.join(',');
  if (stated.length > 0) query['stated'] = stated.join(',');
  return query;
}

/** Reads filters out of an address; what does not fit the register is left out. */
export function filtersFromQuery(query: Record<string, string[]>, register: Register): Filters {
  const filters: Filters = {};
  const list = (name: string) => (query[name]?.[0] ?? '').split(',');
  const empty = new Set(list('empty'));
  const stated = new Set(list('stated'));
  for (const field of register.fields) {
    const kind = filterKind(field);
    if (kind === null) continue;
    if (empty.has(field.id)) { filters[field.id] = { kind: 'empty' }; continue; }
    if (stated.has(field.id)) { filters[field.id] = { kind: 'stated' }; continue; }
    const said = query[`f.${field.id}`];
    const first = said?.[0];
    if (said === undefined || first === undefined || first === '') continue;
    if (kind === 'contains') filters[field.id] = { kind, text: first };
    else if (kind === 'one-of') filters[field.id] = { kind, values: said.filter((value) => value !== '') };
    else if (kind === 'truth') filters[field.id] = { kind, value: first === 'yes' };
    else {
      const [from = '', to = ''] = first.split('..');
      const end = (text: string) => (field.type === 'date' ? (DAY.test(text) ? text : null) : plain(text));
      const filter: FieldFilter = { kind, from: end(from), to: end(to) };
      if (filter.from !== null || filter.to !== null) filters[field.id] = filter;
    }
  }
  return filters;
}

/** Whether a range is the wrong way round. */
export function backwards(field: Field, filter: FieldFilter): boolean {
  if (filter.kind !== 'between' || filter.from === null || filter.to === null) return false;
  return field.type === 'date' ? filter.from > filter.to : compare(filter.from, filter.to) > 0;
}
