import { api, data } from '@/api/client';
import type { Scope, Trend } from '@/api/contract';

/** Trends asked for at the same time; the others wait. */
const AT_ONCE = 4;
const kept = new Map<string, Promise<Trend['points']>>();
const waiting: (() => void)[] = [];
let running = 0;

async function turn(): Promise<void> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
}

/** The last values of an indicator, asked for once for the same period, moment and cut. */
export function trendOf(indicator: string, scope: Scope, mark: string): Promise<Trend['points']> {
  const key = JSON.stringify([indicator, scope, mark]);
  const known = kept.get(key);
  if (known) return known;
  if (kept.size > 500) kept.clear();
  const asked = (async () => {
    await turn();
    try {
      const trend = await data(api.GET('/api/v1/figures/{indicator}/trend', {
        params: { path: { indicator }, query: { ...scope, periods: 8 } },
      }));
      return trend.points;
    } catch (thrown) {
      kept.delete(key);
      throw thrown;
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  })();
  kept.set(key, asked);
  return asked;
}
