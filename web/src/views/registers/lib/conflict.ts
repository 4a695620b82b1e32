// Two people at one record: what each of them changed, and what becomes of it.

import type { Register } from '@/api/contract';
import { type FormValues, type Typed, same } from './form';

export interface Clash {
  field: string;
  /** What both had loaded. */
  base: Typed;
  mine: Typed;
  theirs: Typed;
  /** Who changed it; when both wrote the same, nobody needs to choose. */
  by: 'both' | 'mine' | 'theirs';
}

export type Choice = 'mine' | 'theirs';

export function clashes(register: Register, base: FormValues, mine: FormValues, theirs: FormValues): Clash[] {
  const found: Clash[] = [];
  for (const { id, derived } of register.fields) {
    if (derived !== null) continue;
    const [was, my, their] = [base[id] ?? null, mine[id] ?? null, theirs[id] ?? null];
    const mineMoved = !same(was, my);
    const theirsMoved = !same(was, their);
    if (same(my, their) || (!mineMoved && !theirsMoved)) continue;
    found.push({
      field: id, base: was, mine: my, theirs: their,
      by: mineMoved && theirsMoved ? 'both' : mineMoved ? 'mine' : 'theirs',
    });
  }
  return found;
}

/** What a choice is before anybody makes it: each keeps what only they changed. */
export function suggested(clash: Clash): Choice | null {
  return clash.by === 'both' ? null : clash.by;
}

/** The form after the choices. */
export function merged(mine: FormValues, theirs: FormValues, found: Clash[], choices: Record<string, Choice>): FormValues {
  const result: FormValues = { ...theirs };
  for (const clash of found) {
    const choice = choices[clash.field] ?? suggested(clash) ?? 'mine';
    if (choice === 'mine') result[clash.field] = mine[clash.field] ?? null;
  }
  return result;
}

/** Fields that nobody has decided. */
export function undecided(found: Clash[], choices: Record<string, Choice>): string[] {
  return found.filter((clash) => suggested(clash) === null && choices[clash.field] === undefined).map((clash) => clash.field);
}
