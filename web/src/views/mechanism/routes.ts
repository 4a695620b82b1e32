import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/mechanism',
    redirect: '/mechanism/links',
    meta: { label: 'mechanism.nav', nav: 70, key: 'm', needs: ['read', 'system', 'accounts'] },
  },
  { path: '/mechanism/links', component: () => import('./LinksView.vue') },
  { path: '/mechanism/units', component: () => import('./UnitsView.vue') },
  { path: '/mechanism/clauses', component: () => import('./ClausesView.vue') },
  { path: '/mechanism/pack', component: () => import('./PackView.vue') },
] satisfies RouteRecordRaw[];
