import type { RouteRecordRaw } from 'vue-router';

export default [
  { path: '/account', component: () => import('./AccountView.vue') },
] satisfies RouteRecordRaw[];
