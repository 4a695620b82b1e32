import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api, data } from '@/api/client';
import type { Action, Server, Session } from '@/api/contract';
import { ProblemError } from '@/api/errors';
import { say } from '@/i18n';

/** Who is at the desk, and what they may do. The server decides; this only shows less. */
export const useSession = defineStore('session', () => {
  const session = shallowRef<Session | null>(null);
  const server = shallowRef<Server | null>(null);
  /** Whether the server has been asked. */
  const known = ref(false);

  const account = computed(() => session.value?.account ?? null);
  const mustChange = computed(() => session.value?.must_change ?? false);
  const illustrative = computed(
    () => {
      const told = session.value ?? server.value;
      return told?.illustrative ? say(told.illustrative, told.illustrative_en) : null;
    },
  );

  function may(action: Action): boolean {
    return session.value?.may.includes(action) ?? false;
  }

  function mayOn(register: string, action: Action): boolean {
    const of = session.value?.registers.find((one) => one.id === register);
    return of?.actions.includes(action) ?? false;
  }

  async function loadServer(): Promise<void> {
    server.value = await data(api.GET('/api/v1/server'));
  }

  /** Asks who is logged in; nobody is no error. */
  async function load(): Promise<void> {
    try {
      session.value = await data(api.GET('/api/v1/session'));
    } catch (thrown) {
      if (!(thrown instanceof ProblemError) || thrown.status !== 401) throw thrown;
      session.value = null;
    }
    known.value = true;
  }

  async function login(login: string, password: string): Promise<Session> {
    const next = await data(api.POST('/api/v1/session', { body: { login, password } }));
    session.value = next;
    known.value = true;
    return next;
  }

  async function logout(): Promise<void> {
    await api.DELETE('/api/v1/session');
    session.value = null;
  }

  async function changePassword(old: string, next: string): Promise<void> {
    await api.POST('/api/v1/session/password', { body: { old, new: next } });
    await load();
  }

  return {
    session, server, known, account, mustChange, illustrative,
    may, mayOn, loadServer, load, login, logout, changePassword,
  };
});
