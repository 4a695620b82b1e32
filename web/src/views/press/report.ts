// The press check as plain text, to be pasted into a letter or a chat.

export interface Line {
  text: string;
  verdict: string;
  name: string;
  ledger: string;
  reason: string;
}

export interface Words {
  title: string;
  summary: string;
  claim: string;
  verdict: string;
  indicator: string;
  ledger: string;
  reason: string;
}

const flat = (cell: string) => cell.replace(/\s+/g, ' ').trim();

/** A heading, the counts, and a table whose cells are parted by tabs: it pastes as a table. */
export function report(lines: readonly Line[], words: Words): string {
  const rows = lines.map((line, index) =>
    [String(index + 1), line.text, line.verdict, line.name, line.ledger, line.reason].map(flat).join('\t'),
  );
  const head = ['#', words.claim, words.verdict, words.indicator, words.ledger, words.reason].join('\t');
  return [words.title, words.summary, '', head, ...rows].join('\n') + '\n';
}

/** How many claims of each verdict. */
export function counts<V extends string>(claims: readonly { verdict: V }[]): Partial<Record<V, number>> {
  const all: Partial<Record<V, number>> = {};
  for (const { verdict } of claims) all[verdict] = (all[verdict] ?? 0) + 1;
  return all;
}
