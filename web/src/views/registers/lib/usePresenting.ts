// How values are shown here and now: language, names of units, unit of money.

import { computed, type ComputedRef, type Ref } from 'vue';
import { language, t } from '@/i18n';
import { useMechanism } from '@/stores/mechanism';
import type { MoneyUnit } from './decimal';
import type { Presenting } from './present';

export function usePresenting(money: Ref<MoneyUnit>): ComputedRef<Presenting> {
  const mechanism = useMechanism();
  return computed(() => ({
    english: language.value === 'en',
    money: money.value,
    yes: t('shell.yes'),
    no: t('shell.no'),
    unit: (id: string) => mechanism.unitName(id, true),
  }));
}
