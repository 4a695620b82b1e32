// Sends a workbook with its progress. `fetch` tells nothing of bytes sent, so this one request goes
// through XMLHttpRequest.
import { address, api, data } from '@/api/client';
import { problemOf, unreachable } from '@/api/errors';
import type { Send } from './uploads';

function post(url: string, file: File, progress: (sent: number) => void, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('X-Qipan', '1');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => progress(event.loaded));
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
    request.addEventListener('load', () => {
      const type = request.getResponseHeader('Content-Type') ?? '';
      resolve(new Response(request.responseText, { status: request.status, headers: { 'Content-Type': type } }));
    });
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** Hands a workbook in; answers the id of the import. */
export function sender(options: () => Record<string, string | undefined>): Send {
  return async (file, progress, signal) => {
    const url = address('/imports', { name: file.name, ...options() });
    let response = await post(url, file, progress, signal);
    if (response.status === 401) {
      // Asking for the session makes the desk ask the user to log in; then the file goes again.
      await data(api.GET('/api/v1/session'));
      progress(0);
      response = await post(url, file, progress, signal);
    }
    if (!response.ok) throw await problemOf(response);
    const answer = (await response.json()) as { id: number };
    return answer.id;
  };
}
