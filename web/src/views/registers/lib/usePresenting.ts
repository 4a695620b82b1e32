// How values are shown here and now: language, names of units, unit of money.

import { computed, type ComputedRef, type Ref } from 'vue';
import { language, t } from '@/i18n';
import { useMechanism } from '@/stores/mechanism';
import { WAN, YI, type MoneyUnit } from './yuan';
import type { Presenting } from './present';

/** Name of a unit of money in the language of the page. */
export function moneyWord(unit: MoneyUnit): string {
  if (unit === YI) return t('registers.unit.yi');
  return unit === WAN ? t('registers.unit.wan') : t('registers.unit.yuan');
}

export function usePresenting(money: Ref<MoneyUnit>): ComputedRef<Presenting> {
  const mechanism = useMechanism();
  return computed(() => ({
    english: language.value === 'en',
    money: money.value,
    moneyWord,
    yes: t('shell.yes'),
    no: t('shell.no'),
    unit: (id: string) => mechanism.unitName(id, true),
  }));
}
