import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/journal',
    component: () => import('./JournalView.vue'),
    meta: { label: 'journal.nav', nav: 100, key: 'j', needs: ['journal', 'verify'] },
  },
] satisfies RouteRecordRaw[];
