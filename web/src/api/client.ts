import createClient from 'openapi-fetch';
import type { Paths } from './contract';
import { calledOff, problemOf, unreachable } from './errors';

/** Root of the API. */
export const API = '/api/v1';

/** What to do when the session has ended in the middle of work. */
export interface Gate {
  /** Asks the user to log in again over the page; whether that was done. */
  login(): Promise<boolean>;
  /** The password must be changed before anything else. */
  change(): void;
}

let gate: Gate = { login: async () => false, change: () => undefined };

/** Names who asks the user to log in again. */
export function guardWith(next: Gate): void {
  gate = next;
}

async function send(request: Request): Promise<Response> {
  try {
    // eslint-disable-next-line no-restricted-globals
    return await fetch(request);
  } catch (thrown) {
    if (calledOff(thrown)) throw thrown;
    throw unreachable();
  }
}

/**
 * Sends a request as the server wants it. Answers only with what was asked for: everything else is
 * thrown as a `ProblemError`. When the session has ended, asks the user to log in over the page, so
 * that nothing typed is lost, and sends the same request again.
 */
export async function deskFetch(request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') request.headers.set('X-Qipan', '1');
  for (;;) {
    // The body of a request can be read once; the copy is for another try.
    const again = request.clone();
    const response = await send(request);
    if (response.ok || response.status === 304) return response;
    const problem = await problemOf(response);
    if (problem.code === 'Q4011' && (await gate.login())) {
      request = again;
      continue;
    }
    if (problem.code === 'Q4032') gate.change();
    throw problem;
  }
}

/**
 * The API, typed. `const board = await data(api.GET('/api/v1/board', { params: { query } }))`.
 */
export const api = createClient<Paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: deskFetch,
});

interface Answered<T> {
  data?: T;
  response: Response;
}

/** The answer itself. Problems have been thrown before. */
export async function data<T>(asked: Promise<Answered<T>>): Promise<NonNullable<T>> {
  const answer = await asked;
  return answer.data as NonNullable<T>;
}

/** The address of something of the API, with what is asked of it. */
export function address(path: string, query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  const asked = search.toString();
  return `${API}${path}${asked ? `?${asked}` : ''}`;
}

/** Sends a file as it is. Header values must be ASCII: encode names. */
export function sendFile(
  path: string,
  file: Blob,
  options: { query?: Record<string, string | undefined>; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const url = new URL(address(path, options.query), location.origin);
  return deskFetch(
    new Request(url, {
      method: 'POST',
      body: file,
      credentials: 'same-origin',
      headers: {
        'Content-Type': file.type || 'application/octet-stream',
        Accept: 'application/json',
        ...options.headers,
      },
      signal: options.signal ?? null,
    }),
  );
}

/** Fetches a file and hands it to the browser under the name that the server gave it. */
export async function download(path: string, query: Record<string, string | number | undefined> = {}): Promise<void> {
  const url = new URL(address(path, query), location.origin);
  const response = await deskFetch(new Request(url, { credentials: 'same-origin' }));
  const blob = await response.blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName(response.headers.get('content-disposition')) ?? 'qipan';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The name in a `Content-Disposition`, the encoded one first. */
export function fileName(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="([^"]+)"/i.exec(disposition ?? '')?.[1] ?? null;
}
