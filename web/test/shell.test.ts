import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineComponent, h, nextTick, ref, type VNode } from 'vue';
import { createMemoryHistory, createRouter, RouterView } from 'vue-router';
import type { Figure } from '@/api/contract';
import { ProblemError } from '@/api/errors';
import AsyncState from '@/components/AsyncState.vue';
import FigureChange from '@/components/FigureChange.vue';
import PeriodPicker from '@/components/PeriodPicker.vue';
import SparkLine from '@/components/SparkLine.vue';
import { useLoad, type Loaded } from '@/composables/load';
import { useQuery, useQueryChange } from '@/composables/query';
import { useUnsaved } from '@/composables/unsaved';
import { useAsk } from '@/stores/ask';

beforeEach(() => setActivePinia(createPinia()));

const failure = (status: number, code: string) =>
  new ProblemError({ code, status, title: '没有权限', title_en: 'No', detail: '说明', detail_en: 'Why' });

async function page(setup: () => () => VNode, at = '/a') {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/a', component: defineComponent({ setup }) }, { path: '/b', component: { render: () => h('p', 'b') } }],
  });
  await router.push(at);
  const wrapper = mount(RouterView, { global: { plugins: [router] } });
  await flushPromises();
  return { router, wrapper };
}

describe('useLoad and AsyncState', () => {
  async function shown(fetcher: () => Promise<string[]>) {
    let state: Loaded<string[]> | undefined;
    const Host = defineComponent({
      setup() {
        state = useLoad(fetcher);
        return () => h(AsyncState, { of: state as Loaded<unknown>, empty: state?.data?.length === 0 }, {
          default: ({ data }: { data: unknown }) => h('p', (data as string[]).join()),
        });
      },
    });
    const wrapper = mount(Host);
    const before = wrapper.text();
    await flushPromises();
    return { wrapper, before, state };
  }

  test('show waiting, then what came', async () => {
    const { wrapper, before } = await shown(async () => ['x', 'y']);
    expect(before).toContain('正在载入');
    expect(wrapper.text()).toBe('x,y');
  });

  test('show that there is nothing', async () => {
    expect((await shown(async () => [])).wrapper.text()).toContain('没有内容');
  });

  test.each([
    [403, 'Q4031', '您没有这项权限'],
    [404, 'Q4043', '没有找到'],
    [500, 'Q5001', '重试'],
  ])('show %i as such', async (status, code, words) => {
    const { wrapper } = await shown(async () => {
      throw failure(status, code);
    });
    expect(wrapper.text()).toContain(words);
    expect(wrapper.text()).toContain(code);
  });

  test('keep what came before while it is fetched again, and when that fails', async () => {
    let calls = 0;
    const { wrapper, state } = await shown(async () => {
      calls += 1;
      if (calls > 1) throw failure(503, 'Q5031');
      return ['old'];
    });
    await state?.reload();
    await nextTick();
    expect(wrapper.text()).toContain('old');
    expect(wrapper.text()).toContain('Q5031');
  });

  test('forget an older answer that comes late', async () => {
    const word = ref('slow');
    const finish: Record<string, (value: string) => void> = {};
    let state: Loaded<string> | undefined;
    mount(defineComponent({
      setup() {
        state = useLoad(() => new Promise<string>((resolve) => { finish[word.value] = resolve; }), [word]);
        return () => h('p');
      },
    }));
    word.value = 'fast';
    await nextTick();
    finish.fast?.('fast');
    await flushPromises();
    finish.slow?.('slow');
    await flushPromises();
    expect(state?.data).toBe('fast');
  });
});

describe('the address', () => {
  test('holds state, leaves out what is standard, and takes several changes at once', async () => {
    let sort: ReturnType<typeof useQuery> | undefined;
    let change: ReturnType<typeof useQueryChange> | undefined;
    const { router } = await page(() => {
      sort = useQuery('sort', 'name');
      change = useQueryChange();
      return () => h('p');
    }, '/a?keep=1');
    expect(sort?.value).toBe('name');
    if (sort) sort.value = '-fund';
    await flushPromises();
    expect(router.currentRoute.value.query).toEqual({ keep: '1', sort: '-fund' });
    change?.({ sort: undefined, q: '茶' });
    change?.({ keep: '2' });
    await flushPromises();
    expect(router.currentRoute.value.query).toEqual({ keep: '2', q: '茶' });
  });
});

describe('unsaved changes', () => {
  test('are asked about before the page is left', async () => {
    const dirty = ref(true);
    const { router } = await page(() => {
      useUnsaved(() => dirty.value);
      return () => h('p');
    });
    const ask = useAsk();
    const first = router.push('/b');
    await flushPromises();
    expect(ask.question?.title).toBe('有未保存的内容');
    ask.settle(null);
    await first;
    expect(router.currentRoute.value.path).toBe('/a');

    const second = router.push('/b');
    await flushPromises();
    ask.settle('');
    await second;
    expect(router.currentRoute.value.path).toBe('/b');
  });

  test('that are saved are not', async () => {
    const { router } = await page(() => {
      useUnsaved(() => false);
      return () => h('p');
    });
    await router.push('/b');
    expect(router.currentRoute.value.path).toBe('/b');
  });
});

describe('logging in again', () => {
  test('lets every waiting request go on', async () => {
    const ask = useAsk();
    const waiting = Promise.all([ask.loginAgain(), ask.loginAgain()]);
    expect(ask.again).toBe(true);
    ask.settleLogin(true);
    expect(await waiting).toEqual([true, true]);
    expect(ask.again).toBe(false);
  });
});

describe('figures', () => {
  const figure: Figure = {
    indicator: 'FND', version: 1, name: '', value: 424_000_000, display: '4.24亿元', unit: '元', period: '2021H1',
    by: 'whole', cut: '', cut_units: [], coverage: { reported: 17, due: 17 }, as_of: '',
    previous: { period: '2020H2', version: 1, value: 400_000_000, display: '4.00亿元', coverage: { reported: 17, due: 17 } },
    change: 24_000_000, change_display: '+0.24亿元', last_year: null, change_year: null, change_year_display: '',
  };
  const moved = (more: Partial<Figure> = {}, against: 'previous' | 'last_year' = 'previous') =>
    mount(FigureChange, { props: { figure: { ...figure, ...more }, against } }).text();

  test('say how they moved, in words too', () => {
    expect(moved()).toBe('▲增加0.24亿元 (+6.0%)');
    expect(moved({ change: -24_000_000, change_display: '-0.24亿元' })).toContain('减少0.24亿元');
  });

  test('say nothing against nothing: missing is not zero', () => {
    expect(moved({}, 'last_year')).toBe('—');
  });

  test('percentages are compared in points', () => {
    const text = moved({ value: 90, display: '90.0%', unit: '%', change: 10, change_display: '+10.0个百分点' });
    expect(text).toBe('▲增加10.0个百分点');
  });

  test('say when the definition was another one', () => {
    const past = { period: '2020H2', version: 1, value: 1, display: '1元', coverage: { reported: 1, due: 1 } };
    expect(moved({ version: 2, previous: past })).toContain('口径与本期不同');
    expect(moved()).not.toContain('口径');
  });

  test('a line has a gap where nobody reported', () => {
    const points = [1, 2, null, 3, 4].map((value, nth) => ({ value, period: `202${nth}`, display: String(value) }));
    expect(mount(SparkLine, { props: { points } }).findAll('polyline')).toHaveLength(2);
  });
});

test('a period from day to day is taken when its days are in order', async () => {
  const wrapper = mount(PeriodPicker, { props: { modelValue: '2021H1' } });
  await wrapper.get('select').setValue('custom');
  const [from, to] = wrapper.findAll('input[type="date"]');
  await from?.setValue('2021-10-01');
  await to?.setValue('2021-09-01');
  await wrapper.get('form').trigger('submit');
  expect(wrapper.emitted('update:modelValue')).toBeUndefined();
  await to?.setValue('2022-09-20');
  await wrapper.get('form').trigger('submit');
  expect(wrapper.emitted('update:modelValue')).toEqual([['2021-10-01..2022-09-20']]);
});
