// Settings: numbers within bounds.

import type { Setting } from '@/api/contract';

/** What differs from the settings as they are. */
export function changesOf(settings: Setting[], values: Record<string, number | null>): Record<string, number> {
  const changes: Record<string, number> = {};
  for (const { key, value } of settings) {
    const now = values[key];
    if (typeof now === 'number' && now !== value) changes[key] = now;
  }
  return changes;
}

/** Keys of settings whose number is missing, no whole one, or beyond its bounds. */
export function outside(settings: Setting[], values: Record<string, number | null>): string[] {
  return settings
    .filter(({ key, least, most }) => {
      const now = values[key] ?? null;
      return now === null || !Number.isInteger(now) || now < least || now > most;
    })
    .map(({ key }) => key);
}
