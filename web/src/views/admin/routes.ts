import type { RouteRecordRaw } from 'vue-router';

export default [
  {
    path: '/admin',
    component: () => import('./AdminView.vue'),
    meta: { label: 'admin.nav', nav: 110, key: 'a', needs: ['accounts', 'system'] },
  },
  { path: '/admin/accounts', component: () => import('./AccountsView.vue'), meta: { needs: ['accounts'] } },
  { path: '/admin/jobs', component: () => import('./JobsView.vue'), meta: { needs: ['system'] } },
  { path: '/admin/backups', component: () => import('./BackupsView.vue'), meta: { needs: ['system'] } },
  { path: '/admin/settings', component: () => import('./SettingsView.vue'), meta: { needs: ['system'] } },
  { path: '/admin/health', component: () => import('./HealthView.vue'), meta: { needs: ['system'] } },
] satisfies RouteRecordRaw[];
