// One record at work: what was loaded, what was typed, what the server says of it, and saving.

import { computed, reactive, ref, shallowRef, watch, type Ref } from 'vue';
import { api, data } from '@/api/client';
import type { Confirmation, Conflict, FieldProblem, RecordShape, Register, Values } from '@/api/contract';
import { ProblemError, asProblem, calledOff } from '@/api/errors';
import { blank, changedFields, checkValues, fieldsOf, fromValues, newValues, toWire, type FormValues, type Typed } from '../lib/form';

/** Milliseconds after the last key before the rules are asked. */
export const PAUSE = 400;

export interface RecordWork {
  /** The record as loaded; `null` for a new one. */
  record: Ref<RecordShape | null>;
  values: FormValues;
  unread: Record<string, string>;
  reason: Ref<string>;
  /** Where a new record is said to stand between its sides; `undefined` where there is no choice. */
  confirmation: Ref<Confirmation | undefined>;
  /** Ids of the fields that differ from what was loaded. */
  changed: Ref<string[]>;
  dirty: Ref<boolean>;
  /** What is wrong; in a new record only of fields that were touched, until it is saved. */
  problems: Ref<FieldProblem[]>;
  /** Values of computed fields. */
  derived: Ref<Values>;
  checking: Ref<boolean>;
  saving: Ref<boolean>;
  /** What stopped the last save, if it was neither a rule nor a conflict. */
  failure: Ref<ProblemError | null>;
  conflict: Ref<Conflict | null>;
  set: (field: string, value: Typed) => void;
  setUnread: (field: string, text: string | null) => void;
  load: (record: RecordShape | null) => void;
  /** Puts everything back as it was loaded. */
  reset: () => void;
  /** Goes on from another revision with what is left of one's own changes. */
  rebase: (record: RecordShape, values: FormValues) => void;
  /** Asks the rules now. */
  check: () => Promise<void>;
  /** The record as it was written, or `null` when it was not. */
  save: () => Promise<RecordShape | null>;
}

/** A number that names one attempt to write. */
export function attempt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function drop(from: Record<string, unknown>): void {
  for (const name of Object.keys(from)) delete from[name];
}

export function useRecord(register: Register, seesPersonal: () => boolean): RecordWork {
  const record = shallowRef<RecordShape | null>(null);
  const loaded = shallowRef<FormValues>(blank(register));
  const values = reactive<FormValues>(blank(register));
  const unread = reactive<Record<string, string>>({});
  const reason = ref('');
  const confirmation = ref(register.confirmations?.[0]);
  const found = shallowRef<FieldProblem[]>([]);
  const touched = reactive(new Set<string>());
  const tried = ref(false);
  const problems = computed(() => found.value.filter((problem) => record.value !== null || tried.value
    || fieldsOf(problem).length === 0 || fieldsOf(problem).some((id) => touched.has(id))));
  const derived = shallowRef<Values>({});
  const checking = ref(false);
  const saving = ref(false);
  const failure = shallowRef<ProblemError | null>(null);
  const conflict = shallowRef<Conflict | null>(null);
  const id = register.about.id;

  const changed = computed(() => changedFields(register, loaded.value, values));
  const dirty = computed(() => changed.value.length > 0 || Object.keys(unread).length > 0);

  let asking: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Sent again with the same number, a write that already happened is not done twice.
  let key = attempt();

  function fill(next: FormValues): void {
    drop(values);
    Object.assign(values, next);
  }

  function load(next: RecordShape | null): void {
    asking?.abort();
    clearTimeout(timer);
    record.value = next;
    loaded.value = next ? fromValues(register, next.values) : blank(register);
    fill(loaded.value);
    drop(unread);
    reason.value = '';
    found.value = [];
    touched.clear();
    tried.value = false;
    derived.value = next?.values ?? {};
    failure.value = null;
    conflict.value = null;
    key = attempt();
  }

  function reset(): void {
    load(record.value);
  }

  function rebase(next: RecordShape, mine: FormValues): void {
    const why = reason.value;
    load(next);
    fill(mine);
    reason.value = why;
    schedule();
  }

  async function check(): Promise<void> {
    clearTimeout(timer);
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    checking.value = true;
    try {
      const answer = await data(api.POST('/api/v1/registers/{register}/check', {
        params: { path: { register: id } },
        body: {
          values: checkValues(register, loaded.value, values, seesPersonal()),
          ...(record.value ? { record: record.value.record } : {}),
        },
        signal: mine.signal,
      }));
      if (asking !== mine) return;
      found.value = answer.problems;
      derived.value = answer.values;
    } catch (thrown) {
      if (calledOff(thrown) || asking !== mine) return;
      // Live rules are a help; what matters is asked again when it is saved.
      if (!(thrown instanceof ProblemError)) throw thrown;
    } finally {
      if (asking === mine) checking.value = false;
    }
  }

  function schedule(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), PAUSE);
  }

  function set(field: string, value: Typed): void {
    values[field] = value;
    touched.add(field);
  }

  function setUnread(field: string, text: string | null): void {
    if (text === null) delete unread[field];
    else unread[field] = text;
  }

  watch(values, schedule);
  watch([values, reason, confirmation], () => { if (!saving.value) key = attempt(); });

  async function write(): Promise<RecordShape> {
    const why = reason.value.trim();
    if (record.value === null) {
      return await data(api.POST('/api/v1/registers/{register}/records', {
        params: { path: { register: id }, header: { 'Idempotency-Key': key } },
        body: { values: newValues(register, values), ...(confirmation.value ? { confirmation: confirmation.value } : {}), reason: why },
      }));
    }
    return await data(api.PATCH('/api/v1/registers/{register}/records/{record}', {
      params: {
        path: { register: id, record: record.value.record },
        header: { 'If-Match': `"r${record.value.rev}"` },
      },
      body: { values: toWire(register, values, changed.value), reason: why },
    }));
  }

  async function save(): Promise<RecordShape | null> {
    if (saving.value) return null;
    saving.value = true;
    failure.value = null;
    tried.value = true;
    clearTimeout(timer);
    asking?.abort();
    checking.value = false;
    try {
      const written = await write();
      // What is bound to the record stays bound, and may be answered as before.
      load({ evidence: record.value?.evidence ?? [], answers: record.value?.answers ?? [], ...written });
      return written;
    } catch (thrown) {
      const problem = asProblem(thrown);
      const { body } = problem;
      if (problem.status === 412 && body['current']) conflict.value = body as unknown as Conflict;
      else {
        failure.value = problem;
        if (body.problems) found.value = body.problems as FieldProblem[];
      }
      return null;
    } finally {
      saving.value = false;
    }
  }

  return {
    record, values, unread, reason, confirmation, changed, dirty, problems, derived, checking, saving, failure, conflict,
    set, setUnread, load, reset, rebase, check, save,
  };
}
