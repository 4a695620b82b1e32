// The rows of a register's list: read page by page as they are looked at, read anew when something
// else is asked for.

import { computed, onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { api, data } from '@/api/client';
import type { RecordShape, Register, Totals } from '@/api/contract';
import { asProblem, type ProblemError } from '@/api/errors';
import { useLoad, type Loaded } from '@/composables/load';
import { parseExact } from '../lib/decimal';
import { PagedRows } from '../lib/pages';
import { rowsAsked, type ListState } from '../lib/state';

export interface Rows {
  rows: ShallowRef<PagedRows<RecordShape>>;
  /** Raised whenever rows came or went. */
  version: Ref<number>;
  problem: Ref<ProblemError | null>;
  totals: Loaded<Totals>;
  /** Reads everything anew. */
  reload: () => void;
}

export function useRows(register: Register, state: Ref<ListState>): Rows {
  const version = shallowRef(0);
  const asked = computed(() => JSON.stringify([rowsAsked(state.value, register).params, state.value.sort]));

  function paged(): PagedRows<RecordShape> {
    const { params } = rowsAsked(state.value, register);
    const sort = state.value.sort === '' ? {} : { sort: state.value.sort };
    const first = register.key[0] ?? register.fields[0]?.id;
    const made: PagedRows<RecordShape> = new PagedRows(async ({ after, limit, marksOnly, signal }) => {
      // All pages of one list are read in the state of the first.
      const as_of = params['as_of'] ?? (made.asOf || undefined);
      return await data(api.GET('/api/v1/registers/{register}/records', {
        params: {
          path: { register: register.about.id },
          query: {
            ...params, ...sort, limit,
            ...(as_of ? { as_of } : {}),
            ...(after === null ? {} : { after }),
            ...(marksOnly && first ? { fields: first } : {}),
          },
        },
        signal,
      }));
    }, () => {
      if (rows.value === made) version.value += 1;
    });
    return made;
  }

  const rows = shallowRef<PagedRows<RecordShape>>(null as unknown as PagedRows<RecordShape>);

  function reload(): void {
    rows.value?.end();
    rows.value = paged();
    version.value += 1;
    void rows.value.want(0, 1);
  }

  watch(asked, reload, { immediate: true });
  onScopeDispose(() => rows.value.end());

  const problem = computed(() => {
    const thrown = version.value >= 0 ? rows.value.error : null;
    return thrown === null ? null : asProblem(thrown);
  });

  const totals = useLoad(async (signal) => {
    const text = await data(api.GET('/api/v1/registers/{register}/totals', {
      params: { path: { register: register.about.id }, query: rowsAsked(state.value, register).params },
      parseAs: 'text',
      signal,
    }));
    // Sums have more digits than floating point.
    return parseExact(text as unknown as string) as Totals;
  }, [() => JSON.stringify(rowsAsked(state.value, register).params), () => rows.value]);

  return { rows, version, problem, totals, reload };
}
