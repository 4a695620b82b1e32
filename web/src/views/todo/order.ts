// Order and words of what waits to be done.
import type { Action, TodoItem } from '@/api/contract';

const WEIGHT = { high: 0, normal: 1, low: 2 } as const;

/** The most pressing first: by weight, then by the day, those without a day last. */
export function byUrgency(items: readonly TodoItem[]): TodoItem[] {
  return [...items].sort(
    (a, b) => WEIGHT[a.severity] - WEIGHT[b.severity] || (a.due ?? '9999').localeCompare(b.due ?? '9999'),
  );
}

/** Days from one ISO day to another; negative when the second lies before. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / 86_400_000);
}

/** Whether `no change` can be said of it with one click. */
export function isReturn(item: TodoItem): item is TodoItem & { register: string; period: string; unit: string } {
  return item.kind === 'file' && Boolean(item.register && item.period && item.unit);
}

/** Where somebody with nothing to do may start, by what they may do. */
const STARTS: { id: string; to: string; needs: Action[] }[] = [
  { id: 'import', to: '/imports', needs: ['import'] },
  { id: 'write', to: '/registers', needs: ['write'] },
  { id: 'board', to: '/board', needs: ['read'] },
  { id: 'figures', to: '/figures', needs: ['read'] },
  { id: 'brief', to: '/briefs', needs: ['brief'] },
  { id: 'check', to: '/press', needs: ['check'] },
  { id: 'journal', to: '/journal', needs: ['journal'] },
  { id: 'accounts', to: '/admin/accounts', needs: ['accounts'] },
  { id: 'system', to: '/admin/health', needs: ['system'] },
  { id: 'mechanism', to: '/mechanism/links', needs: [] },
];

export function starts(may: (action: Action) => boolean): { id: string; to: string }[] {
  return STARTS.filter((one) => one.needs.every(may)).slice(0, 6);
}
