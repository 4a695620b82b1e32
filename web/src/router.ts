import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import type { Action } from './api/contract';
import { asProblem } from './api/errors';
import { KEPT } from './composables/query';
import { language, speak, wanted } from './i18n';
import { useFrame } from './stores/frame';
import { useMechanism } from './stores/mechanism';
import { useSession } from './stores/session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the name in the menu; routes without `nav` are not in it. */
    label?: string;
    /** Place in the menu; those from 100 on lie under 管理. */
    nav?: number;
    /** Key after `g` that opens it. */
    key?: string;
    /** What one must be allowed to do; any of them. */
    needs?: Action[];
    /** Open to those who are not logged in. */
    open?: boolean;
    /** Without the frame around it: wall screen, print. */
    bare?: boolean;
  }
}

/** Each area declares its own pages. */
const areas = import.meta.glob<RouteRecordRaw[]>('./views/*/routes.ts', {
  eager: true,
  import: 'default',
});
export const pages: RouteRecordRaw[] = Object.values(areas).flat();

const rest: RouteRecordRaw[] = [
  { path: '/:rest(.*)*', component: () => import('./views/NotFound.vue') },
];
if (!pages.some((page) => page.path === '/')) rest.unshift({ path: '/', redirect: '/board' });

export const router = createRouter({
  history: createWebHistory(import.meta.env.BASE_URL),
  routes: [...pages, ...rest],
  scrollBehavior: (to, from, kept) => kept ?? (to.path === from.path ? undefined : { top: 0 }),
});

/** Whether the caller sees a page in the menu and may open it. */
export function allowed(needs: Action[] | undefined): boolean {
  const session = useSession();
  return !needs || needs.some((action) => session.may(action));
}

router.beforeEach(async (to, from) => {
  const frame = useFrame();
  const session = useSession();
  // Where and when one looks goes along from page to page, unless the link says otherwise.
  const lost = KEPT.filter((name) => from.query[name] && to.query[name] === undefined);
  if (to.path !== from.path && lost.length && !to.meta.open) {
    const kept = Object.fromEntries(lost.map((name) => [name, from.query[name]]));
    return { path: to.path, query: { ...to.query, ...kept }, hash: to.hash, replace: true };
  }
  const next = wanted(to.query.lang);
  if (next !== language.value) await speak(next);
  try {
    if (!session.known) await session.load();
    if (to.meta.open) return true;
    if (!session.session) return { path: '/login', query: { next: to.fullPath } };
    if (session.mustChange) {
      return to.path === '/account' ? true : { path: '/account', query: { next: to.fullPath } };
    }
    await useMechanism().load();
    frame.problem = null;
  } catch (thrown) {
    frame.problem = asProblem(thrown);
  }
  return true;
});

router.onError((thrown) => {
  // A part of the desk that is gone: the server has a newer one.
  if (/dynamically imported module|Importing a module|preload CSS/i.test(String(thrown))) {
    location.reload();
  }
});
