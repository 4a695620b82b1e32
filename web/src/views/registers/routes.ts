import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/registers',
    component: () => import('./RegistersView.vue'),
    meta: { label: 'registers.nav', nav: 30, key: 'r', needs: ['read'] },
  },
  { path: '/registers/:register', component: () => import('./RegisterView.vue'), meta: { needs: ['read'] } },
  { path: '/registers/:register/new', component: () => import('./record/RecordView.vue'), meta: { needs: ['write'] } },
  { path: '/registers/:register/:record', component: () => import('./record/RecordView.vue'), meta: { needs: ['read'] } },
] satisfies RouteRecordRaw[];
