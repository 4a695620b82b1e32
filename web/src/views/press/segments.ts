// Cuts a checked text into pieces to be coloured. The server counts characters (code points); a
// JavaScript string counts UTF-16 units, so a rare character or an emoji would shift every claim
// behind it.

export interface Placed {
  /** First character, counted in code points. */
  offset: number;
  /** How many code points. */
  length: number;
}

export interface Segment {
  text: string;
  /** Index of the claim; `null` for the text between. */
  claim: number | null;
}

/** Where each code point begins, in UTF-16 units, and behind them the length of the text. */
export function starts(text: string): number[] {
  const all: number[] = [];
  for (let unit = 0; unit < text.length; unit += 1) {
    all.push(unit);
    const code = text.charCodeAt(unit);
    const next = text.charCodeAt(unit + 1);
    if (code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000) unit += 1;
  }
  all.push(text.length);
  return all;
}

/** How many code points a text has. */
export function characters(text: string): number {
  return starts(text).length - 1;
}

/**
 * The text in pieces, claims and what stands between. Joined they are the text again. A claim that
 * begins inside an earlier one is left to the list beside the text.
 */
export function segments(text: string, claims: readonly Placed[]): Segment[] {
  const begin = starts(text);
  const last = begin.length - 1;
  const order = claims
    .map((claim, index) => ({ claim, index }))
    .sort((a, b) => a.claim.offset - b.claim.offset);
  const pieces: Segment[] = [];
  let done = 0;
  for (const { claim, index } of order) {
    const from = Math.min(claim.offset, last);
    const to = Math.min(claim.offset + claim.length, last);
    if (from < done || to <= from) continue;
    if (from > done) pieces.push({ text: text.slice(begin[done], begin[from]), claim: null });
    pieces.push({ text: text.slice(begin[from], begin[to]), claim: index });
    done = to;
  }
  if (done < last) pieces.push({ text: text.slice(begin[done]), claim: null });
  return pieces;
}

/** Pieces grouped into paragraphs at line breaks; blank lines are dropped. */
export function paragraphs(pieces: readonly Segment[]): Segment[][] {
  const all: Segment[][] = [[]];
  for (const piece of pieces) {
    const lines = piece.text.split(/\r\n|\r|\n/);
    lines.forEach((line, index) => {
      if (index > 0) all.push([]);
      if (line !== '') all[all.length - 1]?.push({ text: line, claim: piece.claim });
    });
  }
  return all.filter((line) => line.some((piece) => piece.text.trim() !== ''));
}
