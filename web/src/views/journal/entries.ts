// Entries of the journal, the newest first, page by page.

import { api, data } from '@/api/client';
import type { Entry, JournalAsked } from '@/api/contract';
import { COMMAND_LINE } from '@/api/contract/keeping';
import { t } from '@/i18n';

/** What people ask of the journal, as it stands in the address. */
export interface Sought {
  actor: string;
  action: string;
  register: string;
  q: string;
  /** First and last day. */
  from: string;
  to: string;
}

export const PAGE = 100;

/** What is sought, without what is not. */
export function words(sought: Sought): Partial<Sought> {
  const given: Partial<Sought> = {};
  for (const name of ['actor', 'action', 'register', 'q', 'from', 'to'] as const) {
    const value = sought[name].trim();
    if (value !== '') given[name] = value;
  }
  return given;
}

/** What the server is asked for a page. */
export function asked(sought: Sought, last: number | null, limit = PAGE): JournalAsked {
  return { limit, ...words(sought), ...(last === null ? {} : { last }) };
}

export interface Stretch {
  entries: Entry[];
  head: number;
  /** Last entry of the next page; `null` at the beginning of the journal. */
  next: number | null;
}

/** One page, from entry `last` backwards. */
export async function stretch(sought: Sought, last: number | null, signal?: AbortSignal, limit = PAGE): Promise<Stretch> {
  const answer = await data(api.GET('/api/v1/journal', {
    params: { query: asked(sought, last, limit) }, ...(signal ? { signal } : {}),
  }));
  return { entries: answer.entries, head: answer.head, next: answer.next };
}

/** One entry. */
export async function entryOf(seq: number): Promise<Entry | null> {
  const answer = await data(api.GET('/api/v1/journal', { params: { query: { first: seq, last: seq } } }));
  return answer.entries.find((entry) => entry.seq === seq) ?? null;
}

/** Who or where from, in the language of the page where it is the command line. */
export function spoken(words: string): string {
  return words === COMMAND_LINE || words.startsWith(`${COMMAND_LINE}:`) ? words.replace(COMMAND_LINE, t('journal.commandLine')) : words;
}

export interface Leaf {
  path: string;
  value: string;
}

/** Particulars of an entry as lines to read: the way to a value, and the value. */
export function leaves(payload: unknown, path = ''): Leaf[] {
  if (payload === null || payload === undefined) return path === '' ? [] : [{ path, value: '' }];
  if (typeof payload !== 'object') return [{ path, value: String(payload) }];
  if (Array.isArray(payload) && payload.every((one) => typeof one !== 'object')) return [{ path, value: payload.join(', ') }];
  return Object.entries(payload).flatMap(([key, value]) => leaves(value, path === '' ? key : `${path}.${key}`));
}

/** Where a change came from. */
export function originOf(entry: Entry): string {
  const { payload } = entry;
  if (typeof payload !== 'object' || payload === null || !('origin' in payload)) return '';
  return typeof payload.origin === 'string' ? spoken(payload.origin) : '';
}
