// The state of a list lives in the address: a link, a reload and the way back give the same list.

import { computed, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Register } from '@/api/contract';
import { queryFromState, stateFromQuery, type ListState } from '../lib/state';

export function useListState(register: Register): {
  state: ComputedRef<ListState>;
  change: (part: Partial<ListState>) => void;
} {
  const route = useRoute();
  const router = useRouter();
  const state = computed(() => stateFromQuery(route.query, register));

  function change(part: Partial<ListState>): void {
    const query = queryFromState({ ...state.value, ...part });
    // The language belongs to the whole desk.
    if (route.query['lang']) query['lang'] = route.query['lang'];
    void router.replace({ query, hash: route.hash });
  }

  return { state, change };
}
