// The steps of an import, and which of them a state of it allows.
import type { ImportState } from '@/api/contract';

export const STEPS = ['recognised', 'problems', 'preview', 'commit'] as const;
export type Step = (typeof STEPS)[number];

/** The step that the address names, or the one where the state leads. */
export function stepOf(word: string, state: ImportState, errors: number): Step {
  const asked = STEPS.find((one) => one === word);
  if (asked) return asked;
  if (state === 'committing' || state === 'committed' || state === 'discarded') return 'commit';
  return errors > 0 ? 'problems' : 'recognised';
}

/** Whether it can still be understood otherwise. */
export function open(state: ImportState): boolean {
  return state === 'ready' || state === 'failed';
}

/** Whether it can still be given up. */
export function disposable(state: ImportState): boolean {
  return open(state) || state === 'refused' || state === 'analysing';
}

/** Whether the server is at work on it. */
export function working(state: ImportState): boolean {
  return state === 'analysing' || state === 'committing';
}

export function stepAt(by: number, from: Step): Step {
  const at = STEPS.indexOf(from) + by;
  return STEPS[Math.max(0, Math.min(STEPS.length - 1, at))] ?? from;
}
