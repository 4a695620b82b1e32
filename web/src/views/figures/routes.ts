import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/figures',
    component: () => import('./FiguresView.vue'),
    meta: { label: 'figures.nav', nav: 20, key: 'f', needs: ['read'] },
  },
  { path: '/figures/:id', component: () => import('./FigureView.vue'), meta: { needs: ['read'] } },
] satisfies RouteRecordRaw[];
