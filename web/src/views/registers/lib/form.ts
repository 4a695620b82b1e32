// Values of a form: what was loaded, what was typed, what is sent.

import type { Field, FieldProblem, Register, Value, Values } from '@/api/contract';
import { digits, wire } from './decimal';

/** Numbers are plain digits, days ISO 8601, units by id; nothing stated is `null`. */
export type Typed = string | boolean | null;

export type FormValues = Record<string, Typed>;

const NUMERIC = new Set(['int', 'decimal', 'money', 'area']);

export function typed(field: Field, value: Value | undefined): Typed {
  if (value === null || value === undefined || value === '') return null;
  if (field.type === 'bool') return value === true;
  if (NUMERIC.has(field.type)) return digits(value) ?? String(value);
  return String(value);
}

/** A record's values as a form holds them. */
export function fromValues(register: Register, values: Values): FormValues {
  return Object.fromEntries(register.fields.map((field) => [field.id, typed(field, values[field.id])]));
}

/** A blank form. */
export function blank(register: Register): FormValues {
  return fromValues(register, {});
}

export function same(a: Typed | undefined, b: Typed | undefined): boolean {
  return (a ?? null) === (b ?? null);
}

/** Ids of the fields whose value is no longer the loaded one. */
export function changedFields(register: Register, loaded: FormValues, now: FormValues): string[] {
  return register.fields
    .filter((field) => field.derived === null && !same(loaded[field.id], now[field.id]))
    .map((field) => field.id);
}

function sent(field: Field, value: Typed): Value {
  if (value === null || typeof value === 'boolean') return value;
  return NUMERIC.has(field.type) ? wire(value) : value;
}

/** The values of some fields, as they are sent. */
export function toWire(register: Register, values: FormValues, ids: Iterable<string>): Values {
  const wanted = new Set(ids);
  return Object.fromEntries(register.fields
    .filter((field) => wanted.has(field.id))
    .map((field) => [field.id, sent(field, values[field.id] ?? null)]));
}

/**
 * What a check is asked of: everything filled in, save personal data that this person sees masked
 * and has not written anew.
 */
export function checkValues(register: Register, loaded: FormValues, now: FormValues, seesPersonal: boolean): Values {
  const ids = register.fields
    .filter((field) => field.derived === null)
    .filter((field) => seesPersonal || !field.personal || !same(loaded[field.id], now[field.id]))
    .map((field) => field.id);
  return toWire(register, now, ids);
}

/** Everything that a new record states. */
export function newValues(register: Register, now: FormValues): Values {
  const ids = register.fields
    .filter((field) => field.derived === null && (now[field.id] ?? null) !== null)
    .map((field) => field.id);
  return toWire(register, now, ids);
}

/** The fields at which a problem is shown: its own, else those that the rule looks at. */
export function fieldsOf(problem: FieldProblem): string[] {
  return problem.field === null ? problem.fields ?? [] : [problem.field];
}

/** Of the fields that a rule looks at, the one that was just changed is where people look. */
export function placeOf(problem: FieldProblem, changed: ReadonlySet<string>): string | undefined {
  const all = fieldsOf(problem);
  return all.find((id) => changed.has(id)) ?? all[0];
}

export interface Section {
  /** Head of the group; empty for fields that stand alone. */
  head: string;
  fields: Field[];
}

/** Fields in order; neighbours under the same head of the workbook stand together. */
export function sections(register: Register): Section[] {
  const all: Section[] = [];
  for (const field of register.fields) {
    const head = field.group?.[0] ?? '';
    const last = all.at(-1);
    if (last && last.head === head) last.fields.push(field);
    else all.push({ head, fields: [field] });
  }
  return all;
}

/** Whether a field wants a box of several lines. */
export function isLong(field: Field): boolean {
  return field.type === 'text' && (field.max ?? 0) >= 300;
}
