import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/press',
    component: () => import('./PressView.vue'),
    meta: { label: 'press.nav', nav: 60, key: 'p', needs: ['check'] },
  },
] satisfies RouteRecordRaw[];
