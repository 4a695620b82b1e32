// Follows a job: the server's events while they come, asking again and again when they do not.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { address, api, data } from '@/api/client';
import type { Job } from '@/api/contract';

/** Whether a job has come to its end. */
export function ended(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/** Done in hundredths; `null` while the whole is not known. */
export function percent(job: Job | null): number | null {
  if (!job) return null;
  if (job.state === 'done') return 100;
  if (!job.total) return null;
  return Math.min(100, Math.floor((job.done / job.total) * 100));
}

export interface Followed {
  job: ShallowRef<Job | null>;
  follow(id: number): void;
  cancel(): Promise<void>;
}

/** How long to wait before asking again, in milliseconds. */
const AGAIN = 1500;

/** Follows one job at a time until its end, then calls `finish` once. */
export function useJob(finish: (job: Job) => void): Followed {
  const job = shallowRef<Job | null>(null);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = 0;

  function stop(): void {
    source?.close();
    source = null;
    clearTimeout(timer);
  }

  function take(id: number, next: Job): void {
    if (id !== current) return;
    job.value = next;
    if (!ended(next)) return;
    stop();
    current = 0;
    finish(next);
  }

  async function ask(id: number): Promise<void> {
    if (id !== current) return;
    try {
      take(id, await data(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } })));
    } catch {
      // The next try may get through; until then the last state stays in sight.
    }
    if (id === current) timer = setTimeout(() => void ask(id), AGAIN);
  }

  function follow(id: number): void {
    stop();
    current = id;
    job.value = null;
    source = new EventSource(address(`/jobs/${id}/events`));
    source.addEventListener('progress', (event) => {
      take(id, JSON.parse((event as MessageEvent<string>).data) as Job);
    });
    const fallBack = () => {
      source?.close();
      source = null;
      void ask(id);
    };
    source.addEventListener('end', fallBack);
    source.addEventListener('error', fallBack);
  }

  async function cancel(): Promise<void> {
    if (current) await api.DELETE('/api/v1/jobs/{id}', { params: { path: { id: current } } });
  }

  onScopeDispose(stop);
  return { job, follow, cancel };
}
