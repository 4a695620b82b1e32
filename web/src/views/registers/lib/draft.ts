// What was typed and not yet saved, kept in this tab only, so that a session that ends in the
// middle of a form, or a reload, loses nothing.

import type { FormValues } from './form';

export interface Draft {
  /** Revision that it started from; 0 for a new record. */
  rev: number;
  values: FormValues;
  /** What stands in number boxes without being a number. */
  unread: Record<string, string>;
  reason: string;
}

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Drafts are kept apart by person, register and record. */
export function draftName(login: string, register: string, record: string): string {
  return `qipan.draft.${login}.${register}.${record}`;
}

export function keepDraft(shelf: Shelf, name: string, draft: Draft): boolean {
  try {
    shelf.setItem(name, JSON.stringify(draft));
    return true;
  } catch {
    // A full or forbidden shelf must not stop anybody from typing.
    return false;
  }
}

export function takeDraft(shelf: Shelf, name: string): Draft | null {
  try {
    const found: unknown = JSON.parse(shelf.getItem(name) ?? 'null');
    if (typeof found !== 'object' || found === null) return null;
    const draft = found as Partial<Draft>;
    if (typeof draft.rev !== 'number' || typeof draft.values !== 'object') return null;
    return { rev: draft.rev, values: draft.values, unread: draft.unread ?? {}, reason: draft.reason ?? '' };
  } catch {
    return null;
  }
}

export function dropDraft(shelf: Shelf, name: string): void {
  try {
    shelf.removeItem(name);
  } catch {
    // Nothing was kept then.
  }
}
