import { onScopeDispose, shallowReactive, watch, type WatchSource } from 'vue';
import { asProblem, calledOff, type ProblemError } from '@/api/errors';

/** Something that is fetched: what came last, and how the fetching goes. */
export interface Loaded<T> {
  data: T | null;
  problem: ProblemError | null;
  loading: boolean;
  /** It has been loading for longer than people like to wait. */
  slow: boolean;
  reload: () => Promise<void>;
}

/** After how many milliseconds loading is said to be slow. */
const SLOW = 3000;

/**
 * Fetches at once and whenever one of `on` changes. A newer fetch calls the older one off; what
 * came before stays until the next answer.
 */
export function useLoad<T>(
  fetcher: (signal: AbortSignal) => Promise<T>,
  on: WatchSource | WatchSource[] = [],
): Loaded<T> {
  let running: AbortController | null = null;

  const state: Loaded<T> = shallowReactive({
    data: null as T | null,
    problem: null,
    loading: false,
    slow: false,
    reload,
  });

  async function reload(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    state.loading = true;
    state.slow = false;
    const timer = setTimeout(() => {
      if (running === mine) state.slow = true;
    }, SLOW);
    try {
      const answer = await fetcher(mine.signal);
      if (running !== mine) return;
      state.data = answer;
      state.problem = null;
    } catch (thrown) {
      if (running !== mine || calledOff(thrown)) return;
      state.problem = asProblem(thrown);
    } finally {
      clearTimeout(timer);
      if (running === mine) {
        state.loading = false;
        state.slow = false;
      }
    }
  }

  watch(on, () => void reload(), { immediate: true });
  onScopeDispose(() => {
    running?.abort();
    running = null;
  });
  return state;
}
