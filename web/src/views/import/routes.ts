import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/imports',
    component: () => import('./ImportsView.vue'),
    meta: { label: 'imports.nav', nav: 40, key: 'i', needs: ['import', 'journal'] },
  },
  { path: '/imports/:id', component: () => import('./ImportView.vue'), meta: { needs: ['import', 'journal'] } },
] satisfies RouteRecordRaw[];
