// Sends one file with its progress, which fetch cannot tell.

import { address, api } from '@/api/client';
import { ProblemError, problemOf, unreachable } from '@/api/errors';

export interface Sending {
  progress: (sent: number, total: number) => void;
  signal?: AbortSignal;
}

function send(url: string, file: File, { progress, signal }: Sending): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('X-Qipan', '1');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    // Header values are ASCII.
    request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
    request.upload.addEventListener('progress', (event) => progress(event.loaded, event.lengthComputable ? event.total : file.size));
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(new DOMException('called off', 'AbortError')));
    request.addEventListener('load', () => resolve(new Response(request.responseText || null, {
      status: request.status,
      headers: { 'content-type': request.getResponseHeader('content-type') ?? '' },
    })));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** The answer to an upload. When the session has ended, asks to log in and sends the file again. */
export async function upload<T>(path: string, file: File, sending: Sending): Promise<T> {
  for (; ;) {
    const response = await send(address(path), file, sending);
    if (response.ok) return await response.json() as T;
    const problem = await problemOf(response);
    if (!(problem instanceof ProblemError) || problem.code !== 'Q4011') throw problem;
    // The client asks to log in again over the page; it throws when nobody does.
    await api.GET('/api/v1/session');
    sending.progress(0, file.size);
  }
}
