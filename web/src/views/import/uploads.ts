// Workbooks on their way to the server: one after another, each with its own progress, each can be
// called off. What sends is passed in, so that the queue is tested without a network.

export interface Upload {
  key: number;
  file: File;
  state: 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled';
  /** Bytes sent. */
  sent: number;
  /** The import that it became. */
  id: number;
  /** Why it failed. */
  error: unknown;
}

export type Send = (file: File, progress: (sent: number) => void, signal: AbortSignal) => Promise<number>;

/** Names that an import reads; everything else is turned away before it is sent. */
export function readable(name: string): boolean {
  return /\.(xlsx|xlsm|xls|csv|tsv|txt)$/i.test(name);
}

export interface Queue {
  add(files: Iterable<File>): void;
  cancel(key: number): void;
  /** Takes entries that are done out of the list. */
  clear(): void;
}

/**
 * A queue over `list`, which the caller keeps reactive. `done` is called with each import that came
 * to be.
 */
export function queue(list: Upload[], send: Send, done: (upload: Upload) => void): Queue {
  let next = 1;
  let busy = false;
  const stops = new Map<number, AbortController>();

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const upload = list.find((one) => one.state === 'waiting');
      if (!upload) break;
      const stop = new AbortController();
      stops.set(upload.key, stop);
      upload.state = 'sending';
      try {
        upload.id = await send(upload.file, (sent) => (upload.sent = sent), stop.signal);
        upload.sent = upload.file.size;
        upload.state = 'sent';
        done(upload);
      } catch (error) {
        upload.state = stop.signal.aborted ? 'cancelled' : 'failed';
        upload.error = error;
      }
      stops.delete(upload.key);
    }
    busy = false;
  }

  return {
    add(files) {
      for (const file of files) {
        list.push({ key: next, file, state: 'waiting', sent: 0, id: 0, error: null });
        next += 1;
      }
      void work();
    },
    cancel(key) {
      const upload = list.find((one) => one.key === key);
      if (upload?.state === 'waiting') upload.state = 'cancelled';
      stops.get(key)?.abort();
    },
    clear() {
      for (let at = list.length - 1; at >= 0; at -= 1) {
        const state = list[at]?.state;
        if (state !== 'waiting' && state !== 'sending') list.splice(at, 1);
      }
    },
  };
}
