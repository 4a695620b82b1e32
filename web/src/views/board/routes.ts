import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/board',
    component: () => import('./BoardView.vue'),
    meta: { label: 'board.nav', nav: 10, key: 'b', needs: ['read'] },
  },
  { path: '/board/wall', component: () => import('./WallView.vue'), meta: { bare: true, needs: ['read'] } },
  { path: '/board/print', component: () => import('./PrintView.vue'), meta: { bare: true, needs: ['read'] } },
] satisfies RouteRecordRaw[];
