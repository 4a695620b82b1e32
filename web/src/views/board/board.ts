import { computed } from 'vue';
import { api, data } from '@/api/client';
import type { Board, BoardLink } from '@/api/contract';
import { useLoad, type Loaded } from '@/composables/load';
import { useQuery, useQueryChange, useScope } from '@/composables/query';
import { useMechanism } from '@/stores/mechanism';

/** The board for what the address asks: period, moment, cut, and the figure behind the lines. */
export function useBoard() {
  const scope = useScope();
  const width = useQuery('width');
  const change = useQueryChange();
  const mechanism = useMechanism();

  const board: Loaded<Board> = useLoad(
    (signal) =>
      data(api.GET('/api/v1/board', {
        params: {
          query: {
            period: scope.period.value || undefined,
            as_of: scope.asOf.value || undefined,
            supporter: scope.supporter.value || undefined,
            recipient: scope.recipient.value || undefined,
            width: width.value || undefined,
          },
        },
        signal,
      })),
    [scope.period, scope.asOf, scope.supporter, scope.recipient, width],
  );

  /** Cuts everything by a district, by the side that it is on; once more takes the cut away. */
  function cutUnit(id: string): void {
    const role = mechanism.unitById.get(id)?.role;
    if (role !== 'supporter' && role !== 'recipient') return;
    const now = scope[role].value === id;
    const other = role === 'supporter' ? 'recipient' : 'supporter';
    // The other side stays only where the two are linked.
    const linked = board.data?.links.some(
      (link) => link[role] === id && link[other] === scope[other].value,
    );
    change({ [role]: now ? undefined : id, ...(linked || now ? {} : { [other]: undefined }) }, true);
  }

  function cutLink(link: BoardLink): void {
    change({ supporter: link.supporter ?? undefined, recipient: link.recipient ?? undefined }, true);
  }

  function whole(): void {
    change({ supporter: undefined, recipient: undefined }, true);
  }

  const cut = computed(() => Boolean(scope.supporter.value || scope.recipient.value));
  return { ...scope, width, board, cut, cutUnit, cutLink, whole };
}

/** The districts as they were in a period. */
export function useBoundaries(period: () => string | undefined) {
  return useLoad(
    (signal) => data(api.GET('/api/v1/boundaries', { params: { query: { period: period() } }, signal })),
    period,
  );
}

/** Links with both sides known; one with an open side is no line on a map. */
export function known(links: BoardLink[]): BoardLink[] {
  return links.filter((link) => link.supporter && link.recipient);
}

/** Units whose other side is 待确认. */
export function open(links: BoardLink[]): string[] {
  return [...new Set(
    links.filter((link) => !link.supporter || !link.recipient)
      .map((link) => link.supporter ?? link.recipient ?? '').filter(Boolean),
  )];
}
