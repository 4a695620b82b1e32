// The state of a register's list: in the address on one side, in requests on the other.

import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import type { Register } from '@/api/contract';
import { isMoneyUnit, type MoneyUnit } from './yuan';
import { type Composed, type Filters, compose, filtersFromQuery, filtersToQuery } from './filters';

export interface ListState {
  q: string;
  where: string;
  filters: Filters;
  /** Whether the expression is shown instead of the fields. */
  mode: 'fields' | 'expression';
  supporter: string;
  recipient: string;
  /** Field id, `-` before it for descending; empty for the newest first. */
  sort: string;
  as_of: string;
  period: string;
  counted: boolean;
  /** Only what is still open between the sides. */
  open: boolean;
  retracted: boolean;
  /** Columns shown; `null` for the user's own choice. */
  columns: string[] | null;
  money: MoneyUnit | null;
  /** The saved view that was opened. */
  view: string;
}

/** Every value of each parameter. */
export function lists(query: LocationQuery): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(query)) {
    const values = (Array.isArray(value) ? value : [value]).filter((one): one is string => one !== null);
    all[name] = values;
  }
  return all;
}

export function stateFromQuery(query: LocationQuery, register: Register): ListState {
  const all = lists(query);
  const one = (name: string) => all[name]?.[0] ?? '';
  const known = new Set(register.fields.map((field) => field.id));
  const sort = one('sort');
  const columns = one('cols').split(',').filter((id) => known.has(id));
  const money = one('money');
  return {
    q: one('q'),
    where: one('where'),
    filters: filtersFromQuery(all, register),
    mode: one('mode') === 'expression' || one('where') !== '' ? 'expression' : 'fields',
    supporter: one('supporter'),
    recipient: one('recipient'),
    sort: known.has(sort.replace(/^-/, '')) || /^-?entry$/.test(sort) ? sort : '',
    as_of: one('as_of'),
    period: one('period'),
    counted: one('counted') === '1',
    open: one('open') === '1',
    retracted: one('retracted') === '1',
    columns: columns.length > 0 ? columns : null,
    money: isMoneyUnit(money) ? money : null,
    view: one('view'),
  };
}

/** The address of a state; what stands by itself is left out. */
export function queryFromState(state: ListState): LocationQueryRaw {
  const query: LocationQueryRaw = {};
  const put = (name: string, value: string) => { if (value !== '') query[name] = value; };
  put('q', state.q);
  put('where', state.where);
  Object.assign(query, filtersToQuery(state.filters));
  if (state.mode === 'expression' && state.where === '') query['mode'] = 'expression';
  put('supporter', state.supporter);
  put('recipient', state.recipient);
  put('sort', state.sort);
  put('as_of', state.as_of);
  put('period', state.period);
  if (state.counted) query['counted'] = '1';
  if (state.open) query['open'] = '1';
  if (state.retracted) query['retracted'] = '1';
  if (state.columns) query['cols'] = state.columns.join(',');
  put('money', state.money ?? '');
  put('view', state.view);
  return query;
}

/** Which rows are asked for: the parameters that lists, totals and exports share. */
export function rowsAsked(state: ListState, register: Register): { params: Record<string, string>; composed: Composed } {
  const composed = compose(state.where, state.filters, register);
  const params: Record<string, string> = {};
  const put = (name: string, value: string | null) => { if (value !== null && value !== '') params[name] = value; };
  put('q', state.q.trim());
  put('where', composed.where);
  put('supporter', state.supporter);
  put('recipient', state.recipient);
  put('as_of', state.as_of);
  if (state.counted) params['counted'] = 'true';
  if (state.open) params['open'] = 'true';
  if (state.retracted) params['retracted'] = 'true';
  return { params, composed };
}

/** The next sort after a click on a head: ascending, descending, newest first. */
export function nextSort(sort: string, field: string): string {
  if (sort === field) return `-${field}`;
  return sort === `-${field}` ? '' : field;
}

/** Whether anything narrows the list. */
export function narrowed(state: ListState): boolean {
  return state.q.trim() !== '' || state.where.trim() !== '' || Object.keys(state.filters).length > 0
    || state.supporter !== '' || state.recipient !== '' || state.counted || state.open;
}
