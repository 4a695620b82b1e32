import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router';

/** What of the address goes along when one page leads to another. */
export const KEPT = ['period', 'as_of', 'lang'] as const;

const one = (value: unknown): string => {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
};

/**
 * One word of the address as a ref; empty when not there, and taken out when it is the `standard`.
 */
export function useQuery(name: string, standard = ''): WritableComputedRef<string> {
  const route = useRoute();
  const change = useQueryChange();
  return computed({
    get: () => one(route.query[name]) || standard,
    set: (value) => change({ [name]: value === standard ? '' : value }),
  });
}

/** Changes several words of the address at once. Empty ones are taken out. */
export function useQueryChange(): (changes: Record<string, string | undefined>, push?: boolean) => void {
  const route = useRoute();
  const router = useRouter();
  // Changes made in one turn belong together.
  let pending: LocationQueryRaw | null = null;
  return (changes, push = false) => {
    const first = pending === null;
    const query: LocationQueryRaw = pending ?? { ...route.query };
    for (const [name, value] of Object.entries(changes)) {
      if (value) query[name] = value;
      else delete query[name];
    }
    pending = query;
    if (!first) return;
    queueMicrotask(() => {
      const next = { query: pending ?? {}, hash: route.hash };
      pending = null;
      void (push ? router.push(next) : router.replace(next));
    });
  };
}

/** The words of the address that say when and for whom figures are shown. */
export function useScope() {
  return {
    period: useQuery('period'),
    asOf: useQuery('as_of'),
    supporter: useQuery('supporter'),
    recipient: useQuery('recipient'),
  };
}
