import { language } from '@/i18n';

/** One finding within a problem. */
export interface Finding {
  field?: string;
  code?: string;
  severity?: 'error' | 'warning';
  message?: string;
  message_en?: string;
  start?: number;
  end?: number;
}

/** The body of `application/problem+json`. */
export interface ProblemBody {
  type?: string;
  code: string;
  status: number;
  title: string;
  title_en: string;
  detail: string;
  detail_en: string;
  errors?: Finding[];
  /** Findings of a refused write. */
  problems?: Finding[];
  [more: string]: unknown;
}

/** A request that the server could not or would not answer, or that did not reach it. */
export class ProblemError extends Error {
  readonly body: ProblemBody;
  /** Seconds to wait before trying again, when the server named them. */
  readonly retryAfter: number | null;

  constructor(body: ProblemBody, retryAfter: number | null = null) {
    super(`${body.code} ${body.title_en}`);
    this.name = 'ProblemError';
    this.body = body;
    this.retryAfter = retryAfter;
  }

  get code(): string {
    return this.body.code;
  }

  get status(): number {
    return this.body.status;
  }

  /** Title in the language of the page. */
  get title(): string {
    return language.value === 'en' ? this.body.title_en : this.body.title;
  }

  /** Sentence in the language of the page. */
  get detail(): string {
    return language.value === 'en' ? this.body.detail_en : this.body.detail;
  }

  /** Findings, of a filter or of a refused write. */
  get findings(): Finding[] {
    return this.body.problems ?? this.body.errors ?? [];
  }
}

/** Message of a finding in the language of the page. */
export function findingText(finding: Finding): string {
  const [first, second] =
    language.value === 'en'
      ? [finding.message_en, finding.message]
      : [finding.message, finding.message_en];
  return first ?? second ?? finding.code ?? '';
}

/** No answer: the network, or a server that is down. */
export function unreachable(): ProblemError {
  return new ProblemError({
    code: 'Q0001',
    status: 0,
    title: '连不上服务器',
    title_en: 'The server cannot be reached',
    detail: '没有收到服务器的答复：请检查网络，稍后再试；已填写的内容仍在页面上。',
    detail_en: 'No answer came: check the network and try again; what you typed is still here.',
  });
}

/** An answer that is no problem+json. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retry = Number.isFinite(after) ? after : null;
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) {
    const body: unknown = await response.json().catch(() => null);
    if (typeof body === 'object' && body !== null && 'code' in body) {
      return new ProblemError(body as ProblemBody, retry);
    }
  }
  return new ProblemError(
    {
      code: `HTTP ${response.status}`,
      status: response.status,
      title: '服务器的答复看不懂',
      title_en: 'The answer cannot be understood',
      detail: `服务器答复了状态 ${response.status}：请稍后再试，仍不行请告知系统管理员。`,
      detail_en: `The server answered with status ${response.status}: try again later, or tell the system officer.`,
    },
    retry,
  );
}

/** Any thrown thing as a problem. Requests that were called off are none. */
export function asProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  return new ProblemError({
    code: 'Q0002',
    status: 0,
    title: '页面出错',
    title_en: 'The page failed',
    detail: `页面程序出错（${String(thrown)}）：请重新载入此页。`,
    detail_en: `The page failed (${String(thrown)}): please load it again.`,
  });
}

/** Whether a request was called off because its answer is no longer wanted. */
export function calledOff(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
