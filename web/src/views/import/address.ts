// Addresses of cells as people write them: `C12`. Columns and rows are counted from 0 inside.

/** Letters of a column: 0 → `A`, 26 → `AA`. */
export function columnLetters(column: number): string {
  let letters = '';
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  return letters;
}

/** Number of a column: `A` → 0; `null` when it is no column. */
export function columnNumber(letters: string): number | null {
  if (!/^[A-Za-z]{1,3}$/.test(letters)) return null;
  let number = 0;
  for (const letter of letters.toUpperCase()) number = number * 26 + letter.charCodeAt(0) - 64;
  return number - 1;
}

export interface Cell {
  row: number;
  col: number;
}

/** `C12` from a cell. */
export function addressOf(cell: Cell): string {
  return columnLetters(cell.col) + String(cell.row + 1);
}

/** A cell from `C12`, `$C$12` or `Sheet!C12`; `null` when it is no address. */
export function cellOf(address: string): Cell | null {
  const bare = address.slice(address.lastIndexOf('!') + 1);
  const match = /^\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})$/.exec(bare);
  if (!match) return null;
  const col = columnNumber(match[1] ?? '');
  return col === null ? null : { row: Number(match[2]) - 1, col };
}
