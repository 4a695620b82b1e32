import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { api, data } from '@/api/client';
import type { Indicator, Mechanism, RegisterSummary, Theme, Unit } from '@/api/contract';
import { language, say } from '@/i18n';

/** The sort of unit behind an English name: Wanzhou, not Wanzhou District. */
const SORT = /(?: \(.*\)| (?:(?:Tujia|Miao|and) )*(?:Autonomous )?(?:District|County))$/;

/** What the pack declares and every page needs: names of units, registers, indicators, themes. */
export const useMechanism = defineStore('mechanism', () => {
  const mechanism = shallowRef<Mechanism | null>(null);
  const themes = shallowRef<Theme[]>([]);
  const units = shallowRef<Unit[]>([]);
  const registers = shallowRef<RegisterSummary[]>([]);
  const indicators = shallowRef<Indicator[]>([]);
  let loading: Promise<void> | null = null;

  const unitById = computed(() => new Map(units.value.map((unit) => [unit.id, unit])));
  const registerById = computed(() => new Map(registers.value.map((one) => [one.id, one])));
  /** The newest version of each indicator. */
  const indicatorById = computed(() => {
    const newest = new Map<string, Indicator>();
    for (const one of indicators.value) {
      const known = newest.get(one.id);
      if (!known || known.version < one.version) newest.set(one.id, one);
    }
    return newest;
  });

  async function fetchAll(): Promise<void> {
    const [about, themeList, unitList, registerList, indicatorList] = await Promise.all([
      data(api.GET('/api/v1/mechanism')),
      data(api.GET('/api/v1/themes')),
      data(api.GET('/api/v1/units')),
      data(api.GET('/api/v1/registers')),
      data(api.GET('/api/v1/indicators')),
    ]);
    mechanism.value = about;
    themes.value = themeList;
    units.value = unitList;
    registers.value = registerList;
    indicators.value = indicatorList;
  }

  /** Loads once; later calls wait for the same. */
  function load(): Promise<void> {
    loading ??= fetchAll().catch((thrown: unknown) => {
      loading = null;
      throw thrown;
    });
    return loading;
  }

  /** Forgets everything: another account sees other things. */
  function forget(): void {
    loading = null;
    mechanism.value = null;
    themes.value = [];
    units.value = [];
    registers.value = [];
    indicators.value = [];
  }

  /** Name of a unit, short where asked for. Ids that are not known stay as they are. */
  function unitName(id: string, short = false): string {
    const unit = unitById.value.get(id);
    if (!unit) return id;
    if (language.value === 'en') {
      const name = unit.name_en || unit.name;
      return short ? name.replace(SORT, '') : name;
    }
    return short ? unit.short || unit.name : unit.name;
  }

  /** The key of a record as people read it: units by name. */
  function keyName(key: string): string {
    return key.split('|').filter((part) => part !== '').map((part) => unitName(part, true)).join(' · ');
  }

  function registerName(id: string): string {
    const register = registerById.value.get(id);
    return register ? say(register.name, register.name_en) : id;
  }

  function indicatorName(id: string): string {
    const indicator = indicatorById.value.get(id);
    return indicator ? say(indicator.name, indicator.name_en) : id;
  }

  const wordOf = (words: Mechanism['flags'] | undefined, id: string): string | null => {
    const found = words?.find((one) => one.id === id);
    return found ? say(found.name, found.name_en) : null;
  };

  /** Name of a cluster of units, of a flag that units carry. */
  const clusterName = (id: string): string => wordOf(mechanism.value?.clusters, id) ?? id;
  const flagName = (id: string): string => wordOf(mechanism.value?.flags, id) ?? id;

  return {
    mechanism, themes, units, registers, indicators,
    unitById, registerById, indicatorById,
    load, forget, unitName, keyName, registerName, indicatorName, clusterName, flagName,
  };
});
