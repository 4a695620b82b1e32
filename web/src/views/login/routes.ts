import type { RouteRecordRaw } from 'vue-router';

export default [
  { path: '/login', component: () => import('./LoginView.vue'), meta: { open: true } },
] satisfies RouteRecordRaw[];
