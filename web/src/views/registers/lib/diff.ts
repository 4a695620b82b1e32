// What changed within a text, character by character: Chinese has no words to split at.

export interface Piece {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** Products of lengths beyond this are shown as replaced whole. */
const MOST = 160_000;

export function textDiff(before: string, after: string): Piece[] {
  const a = [...before];
  const b = [...after];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const pieces: Piece[] = [];
  const put = (kind: Piece['kind'], text: string) => {
    if (text === '') return;
    const last = pieces.at(-1);
    if (last && last.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  put('same', a.slice(0, head).join(''));
  for (const piece of middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) put(piece.kind, piece.text);
  put('same', a.slice(a.length - tail).join(''));
  return pieces;
}

function middle(a: string[], b: string[]): Piece[] {
  const whole: Piece[] = [{ kind: 'gone', text: a.join('') }, { kind: 'new', text: b.join('') }];
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST) return whole;
  // Longest common subsequence, from the end.
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j]
        ? longest[(i + 1) * width + j + 1]! + 1
        : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  // Single characters that agree by chance make a text unreadable.
  if (longest[0]! * 3 < Math.min(a.length, b.length)) return whole;
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ kind: 'same', text: a[i]! });
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      pieces.push({ kind: 'gone', text: a[i]! });
      i += 1;
    } else {
      pieces.push({ kind: 'new', text: b[j]! });
      j += 1;
    }
  }
  return pieces;
}
