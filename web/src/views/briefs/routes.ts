import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/briefs',
    component: () => import('./BriefsView.vue'),
    meta: { label: 'briefs.nav', nav: 50, key: 'd', needs: ['brief'] },
  },
] satisfies RouteRecordRaw[];
