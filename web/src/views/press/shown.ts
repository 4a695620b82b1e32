import type { PressClaim } from '@/api/contract';

/** Whether a claim is among those asked for: a verdict, the repeats, or all of them. */
export function shown(claim: PressClaim | undefined, show: string): boolean {
  if (!claim || show === '') return true;
  return show === 'repeat' ? claim.repeat : claim.verdict === show;
}
