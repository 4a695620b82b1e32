import type { Operation } from './operation';

/** What a caller may do. The words of the server's `access.rs`. */
export type Action =
  | 'read' | 'write' | 'import' | 'export' | 'return' | 'evidence' | 'brief' | 'check'
  | 'journal' | 'verify' | 'accounts' | 'system';

export interface Named {
  id: string;
  name: string;
  name_en?: string;
}

export interface Server {
  name: string;
  version: string;
  /** The mark of illustrative data; `null` for real data. */
  illustrative: string | null;
  illustrative_en: string | null;
  mechanism: { name: string; name_en: string } | null;
  oidc: { name: string } | null;
  password: { min_length: number; classes: number; history: number; max_age_days: number };
}

export interface Session {
  account: {
    login: string;
    name: string;
    unit: Named | null;
    roles: Named[];
    registers: string[] | null;
  };
  may: Action[];
  registers: { id: string; actions: Action[] }[];
  must_change: boolean;
  /** Whether personal fields are shown unmasked. */
  personal: boolean;
  idle_until: string;
  until: string;
  method: 'session' | 'token';
  period: string;
  today: string;
  illustrative: string | null;
  illustrative_en: string | null;
}

export interface OwnSession {
  id: number;
  created: string;
  seen: string;
  idle_until: string;
  until: string;
  origin: string;
  agent: string;
  current: boolean;
}

export interface Token {
  id: number;
  name: string;
  actions: Action[] | null;
  machine: boolean;
  created: string;
  expires: string;
  used: string | null;
}

export interface SessionPaths {
  '/api/v1/server': { get: Operation<{ answer: Server }> };
  '/api/v1/session': {
    get: Operation<{ answer: Session }>;
    post: Operation<{ body: { login: string; password: string }; answer: Session }>;
    delete: Operation<object>;
  };
  '/api/v1/session/password': { post: Operation<{ body: { old: string; new: string } }> };
  '/api/v1/sessions': { get: Operation<{ answer: { sessions: OwnSession[] } }> };
  '/api/v1/sessions/{id}': { delete: Operation<{ path: { id: number } }> };
  '/api/v1/tokens': {
    get: Operation<{ answer: { tokens: Token[] } }>;
    post: Operation<{
      body: { name: string; actions: Action[] | null; expires_days: number };
      answer: Token & { secret: string };
    }>;
  };
  '/api/v1/tokens/{id}': { delete: Operation<{ path: { id: number } }> };
}
