// Rows of a list that is read by keyset pages but may be looked at anywhere. Reading goes forward
// only, so pages on the way to a far row are walked in big steps that carry no more than marks.

export interface Page<R> {
  records: R[];
  total: number;
  next: string | null;
  as_of: string;
}

export interface PageAsked {
  after: string | null;
  limit: number;
  /** Only the way to a later page: the rows themselves are not looked at. */
  marksOnly: boolean;
  signal: AbortSignal;
}

export type FetchPage<R> = (asked: PageAsked) => Promise<Page<R>>;

interface Mark {
  index: number;
  after: string | null;
}

/** Rows of one page. */
export const BLOCK = 100;
/** Rows of one step on the way. */
export const STRIDE = 1000;
/** Rows kept before the farthest ones are let go. */
export const KEPT = 4000;
/** Rows read ahead of what is shown. */
export const AHEAD = 100;

export class PagedRows<R> {
  total = 0;
  /** Whether the first page has come. */
  known = false;
  asOf = '';
  error: unknown = null;
  /** Row up to which the way to a far row has been walked; `null` when rows themselves are read. */
  walked: number | null = null;
  private rows = new Map<number, R>();
  private marks: Mark[] = [{ index: 0, after: null }];
  private wanted = { from: 0, to: BLOCK };
  private running: Promise<void> | null = null;
  private readonly stop = new AbortController();

  constructor(
    private readonly fetchPage: FetchPage<R>,
    /** Told after every change. */
    private readonly changed: () => void,
  ) { }

  row(index: number): R | undefined {
    return this.rows.get(index);
  }

  get kept(): number {
    return this.rows.size;
  }

  get busy(): boolean {
    return this.running !== null;
  }

  /** Asks for rows `from` to `to` (not included). The latest wish wins. */
  want(from: number, to: number): Promise<void> {
    this.wanted = { from: Math.max(0, from), to };
    if (this.error !== null) return Promise.resolve();
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (!this.stop.signal.aborted) this.changed();
    });
    return this.running;
  }

  retry(): Promise<void> {
    this.error = null;
    return this.want(this.wanted.from, this.wanted.to);
  }

  /** The list is no longer looked at. */
  end(): void {
    this.stop.abort();
  }

  /** Every row between two that is kept; missing ones are left out. */
  between(from: number, to: number): R[] {
    const found: R[] = [];
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const row = this.rows.get(index);
      if (row !== undefined) found.push(row);
    }
    return found;
  }

  private missing(): number | null {
    // The first page tells how long the list is.
    if (!this.known) return 0;
    const end = Math.min(this.wanted.to + AHEAD, this.total);
    const lookAt = (from: number, to: number) => {
      for (let index = from; index < to; index += 1) if (!this.rows.has(index)) return index;
      return null;
    };
    // What is on the screen comes before what is read ahead.
    return lookAt(this.wanted.from, Math.min(this.wanted.to, end))
      ?? lookAt(Math.max(0, this.wanted.from - AHEAD), end);
  }

  private markBefore(index: number): Mark {
    let low = 0;
    let high = this.marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.marks[middle] as Mark).index <= index) low = middle;
      else high = middle - 1;
    }
    return this.marks[low] as Mark;
  }

  private put(mark: Mark): void {
    const before = this.marks.indexOf(this.markBefore(mark.index));
    if (this.marks[before]?.index !== mark.index) this.marks.splice(before + 1, 0, mark);
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    for (let target = this.missing(); target !== null && !signal.aborted; target = this.missing()) {
      const mark = this.markBefore(target);
      const marksOnly = target - mark.index >= STRIDE;
      this.walked = marksOnly ? mark.index : null;
      let page: Page<R>;
      try {
        page = await this.fetchPage({
          after: mark.after, limit: marksOnly ? STRIDE : BLOCK, marksOnly, signal,
        });
      } catch (error) {
        if (!signal.aborted) this.error = error;
        return;
      }
      if (signal.aborted) return;
      this.take(mark, page, marksOnly);
      this.changed();
    }
  }

  private take(mark: Mark, page: Page<R>, marksOnly: boolean): void {
    if (!this.known) {
      this.known = true;
      this.asOf = page.as_of;
      this.total = page.total;
    }
    const end = mark.index + page.records.length;
    if (!marksOnly) page.records.forEach((row, nth) => this.rows.set(mark.index + nth, row));
    // A list that ends early, or goes on, is believed over its total.
    if (page.next === null) this.total = end;
    else if (page.records.length > 0) this.put({ index: end, after: page.next });
    this.total = Math.max(this.total, page.next === null ? end : end + 1);
    this.walked = null;
    this.letGo();
  }

  private letGo(): void {
    if (this.rows.size <= KEPT) return;
    const { from, to } = this.wanted;
    const far = (index: number) => (index < from ? from - index : Math.max(0, index - to));
    const order = [...this.rows.keys()].sort((a, b) => far(b) - far(a));
    for (const index of order.slice(0, this.rows.size - KEPT)) this.rows.delete(index);
  }
}
