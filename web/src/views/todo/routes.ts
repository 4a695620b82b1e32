import type { RouteRecordRaw } from 'vue-router';

export default [
  { path: '/', component: () => import('./TodoView.vue'), meta: { label: 'todo.nav', nav: 5, key: 'h' } },
] satisfies RouteRecordRaw[];
