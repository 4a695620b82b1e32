import type { Operation } from './operation';
import type { Action } from './session';
import type { Job } from './work';

/** One entry of the journal. */
export interface Entry {
  seq: number;
  at: string;
  actor: string;
  reason: string;
  action: string;
  register: string;
  rows: number;
  payload: unknown;
  digest: string;
  prev: string;
  hash: string;
}

export interface Journal {
  /** Of a stretch the oldest first, of a search the newest first. */
  entries: Entry[];
  /** `last` of the next page of a search. */
  next: number | null;
  head: number;
  hash: string;
}

export interface JournalAsked {
  first?: number;
  last?: number;
  actor?: string;
  action?: string;
  register?: string;
  q?: string;
  from?: string;
  to?: string;
  limit?: number;
}

/** What the journal keeps as the origin, and before the actor's name, of who works at the command line of the server. */
export const COMMAND_LINE = '命令行';

export interface Broken {
  seq: number;
  register: string;
  record: number | null;
  rev: number | null;
  what: string;
  what_en: string;
}

export interface VerifyReport {
  ok: boolean;
  entries: number;
  head: string;
  broken: Broken[];
}

export interface Role {
  id: string;
  name: string;
  name_en: string;
  help: string;
  help_en: string;
  reach: 'all' | 'links' | 'nothing';
  named_registers: boolean;
  actions: Action[];
  office: boolean;
}

export interface Account {
  login: string;
  name: string;
  /** Unit id. */
  unit: string | null;
  /** Role ids. */
  roles: string[];
  registers: string[];
  locked: boolean;
  disabled: boolean;
  must_change: boolean;
  last_login: string | null;
  created: string;
}

export interface AccountAsked {
  name?: string;
  unit?: string | null;
  roles?: string[];
  registers?: string[];
  disabled?: boolean;
}

/** A number that can be set. */
export interface Setting {
  key: string;
  value: number;
  default: number;
  least: number;
  most: number;
  name: string;
  name_en: string;
}

/** How the system is. */
export interface SystemHealth {
  version: string;
  now: string;
  started: string;
  uptime: number;
  database: { kind: string; version: string; schema: number; bytes: number };
  journal: { head: number; hash: string; at: string };
  checkpoint: { key: boolean; entry: number | null; at: string | null; age: number | null; unsigned: number };
  verified: { at: string; age: number; ok: boolean; by: string } | null;
  disk: { free: number; total: number; free_percent: number } | null;
  pack: { id: string; version: string; digest: string } | null;
}

/** A backup: a data folder of its own, kept on the server. */
export interface Backup {
  name: string;
  at: string;
  /** Seconds since then. */
  age: number;
  head: number;
  hash: string;
  bytes: number;
  files: number;
}

export interface Backups {
  /** A database on a server of its own has its own tools. */
  possible: boolean;
  every_hours: number;
  kept: number;
  backups: Backup[];
}

export interface KeepingPaths {
  '/api/v1/journal': { get: Operation<{ query: JournalAsked; answer: Journal }> };
  '/api/v1/verify': { post: Operation<{ answer: { job: number } }> };
  '/api/v1/jobs': { get: Operation<{ query: { limit?: number }; answer: { jobs: Job[] } }> };
  '/api/v1/roles': { get: Operation<{ answer: { roles: Role[] } }> };
  '/api/v1/accounts': {
    get: Operation<{ answer: { accounts: Account[] } }>;
    post: Operation<{
      body: AccountAsked & { login: string };
      answer: { account: Account; password: string };
    }>;
  };
  '/api/v1/accounts/{login}': {
    patch: Operation<{ path: { login: string }; body: AccountAsked; answer: Account }>;
  };
  '/api/v1/accounts/{login}/password': {
    post: Operation<{ path: { login: string }; answer: { password: string } }>;
  };
  '/api/v1/accounts/{login}/unlock': { post: Operation<{ path: { login: string } }> };
  '/api/v1/backups': {
    get: Operation<{ answer: Backups }>;
    post: Operation<{ answer: { job: number } }>;
  };
  '/api/v1/backups/{name}': { delete: Operation<{ path: { name: string } }> };
  '/api/v1/settings': {
    get: Operation<{ answer: { settings: Setting[] } }>;
    patch: Operation<{ body: Record<string, number>; answer: { settings: Setting[] } }>;
  };
  '/api/v1/health': { get: Operation<{ answer: SystemHealth }> };
}
