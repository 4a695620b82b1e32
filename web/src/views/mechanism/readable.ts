// The pack's files as people read them: a TOML file as sections with their remarks, a CSV file as a table.
import { unparse, parse as parseCsv } from 'papaparse';
import { parseTOML } from 'toml-eslint-parser';
import type { AST } from 'toml-eslint-parser';

export type Shown =
  | { kind: 'word'; text: string }
  | { kind: 'words'; list: string[] }
  | { kind: 'list'; list: Shown[] }
  | { kind: 'pairs'; entries: Entry[] };

interface Entry {
  key: string;
  value: Shown;
  remark: string;
}

export interface Section {
  /** Dotted name of the table; empty for the keys at the top of the file. */
  name: string;
  /** What the section calls itself. */
  title: string;
  remarks: string[];
  entries: Entry[];
}

/** Sections of one name that follow one another, as a table: a row each, a column a key. */
export interface Run {
  name: string;
  keys: string[];
  sections: Section[];
}

export interface Table {
  remarks: string[];
  head: string[];
  rows: string[][];
}

function word(key: AST.TOMLKey): string {
  return key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value)).join('.');
}

function pairs(body: readonly AST.TOMLKeyValue[]): Entry[] {
  return body.map((pair) => ({ key: word(pair.key), value: shown(pair.value), remark: '' }));
}

function shown(value: AST.TOMLContentNode): Shown {
  switch (value.type) {
    case 'TOMLArray': {
      const list = value.elements.map(shown);
      return list.every((one) => one.kind === 'word')
        ? { kind: 'words', list: list.map((one) => one.text) }
        : { kind: 'list', list };
    }
    case 'TOMLInlineTable':
      return { kind: 'pairs', entries: pairs(value.body) };
    default:
      return { kind: 'word', text: scalar(value) };
  }
}

function scalar(value: AST.TOMLValue): string {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'boolean':
      return value.value ? 'true' : 'false';
    // Numbers and days as they are written: no float and no zone comes between.
    case 'integer':
    case 'float':
      return value.number;
    default:
      return value.datetime;
  }
}

const TITLES = ['title', 'label', 'name', 'caption', 'text', 'message', 'sheet', 'id'];

function titleOf(entries: readonly Entry[]): string {
  for (const key of TITLES) {
    const value = entries.find((entry) => entry.key === key)?.value;
    if (value?.kind === 'word' && value.text !== '') {
      return value.text.length > 40 ? `${value.text.slice(0, 40)}…` : value.text;
    }
  }
  return '';
}

/** A TOML file in sections. Throws what the parser throws when it is none. */
export function readToml(text: string): Section[] {
  const program = parseTOML(text);
  const comments = program.comments.map((comment) => ({
    line: comment.loc.start.line,
    column: comment.loc.start.column,
    text: comment.value.trim(),
    taken: false,
  }));
  /** Remarks that stand on lines of their own before a line, and after the line before it. */
  const before = (line: number): string[] => {
    const lines: string[] = [];
    for (const comment of comments) {
      if (comment.taken || comment.line >= line) continue;
      comment.taken = true;
      if (comment.text !== '') lines.push(comment.text);
    }
    return lines;
  };
  const beside = (line: number): string => {
    const comment = comments.find((one) => !one.taken && one.line === line);
    if (!comment) return '';
    comment.taken = true;
    return comment.text;
  };
  const entry = (pair: AST.TOMLKeyValue): Entry => {
    const above = before(pair.loc.start.line);
    const end = beside(pair.loc.end.line);
    return {
      key: word(pair.key),
      value: shown(pair.value),
      remark: [...above, end].filter((line) => line !== '').join(' '),
    };
  };
  const top: Section = { name: '', title: '', remarks: [], entries: [] };
  const sections: Section[] = [top];
  const body = program.body[0]?.body ?? [];
  const first = body[0];
  // Remarks at the head of the file speak of the file, not of its first key.
  if (first) top.remarks = before(first.loc.start.line);
  for (const node of body) {
    if (node.type === 'TOMLKeyValue') {
      top.entries.push(entry(node));
      continue;
    }
    const remarks = before(node.loc.start.line);
    const entries = node.body.map(entry);
    sections.push({ name: word(node.key), title: titleOf(entries), remarks, entries });
  }
  const last = sections[sections.length - 1];
  if (last) last.remarks = [...last.remarks, ...before(Number.POSITIVE_INFINITY)];
  top.title = titleOf(top.entries);
  return sections.filter((section) => section.entries.length > 0 || section.remarks.length > 0);
}

/** From how many sections of one name on they are read as a table, and with how many keys at most. */
const ROWS = 3;
const KEYS = 16;

/** Sections with those that follow one another under one name drawn together. */
export function runs(sections: readonly Section[]): (Section | Run)[] {
  const all: (Section | Run)[] = [];
  for (let at = 0; at < sections.length; ) {
    const first = sections[at];
    if (!first) break;
    let end = at + 1;
    while (end < sections.length && sections[end]?.name === first.name) end += 1;
    const together = sections.slice(at, end);
    const keys = [...new Set(together.flatMap((one) => one.entries.map((entry) => entry.key)))];
    if (together.length >= ROWS && keys.length <= KEYS) all.push({ name: first.name, keys, sections: together });
    else all.push(...together);
    at = end;
  }
  return all;
}

/** A CSV file of the pack as a table; lines that begin with `#` are remarks. */
export function readCsv(text: string): Table {
  const remarks: string[] = [];
  const { data } = parseCsv<string[]>(text, { skipEmptyLines: 'greedy', delimiter: ',' });
  const rows = data.filter((row) => {
    const remark = row[0]?.trimStart().startsWith('#') ?? false;
    if (remark)
      remarks.push(
        unparse([row])
          .replace(/^"?\s*#\s*/, '')
          .replace(/"$/, ''),
      );
    return !remark;
  });
  const [head = [], ...body] = rows;
  return { remarks, head, rows: body.map((row) => head.map((_, at) => row[at] ?? '')) };
}

export type FileKind = 'toml' | 'csv' | 'json' | 'text';

/** How a file of the pack is shown, by its name. */
export function fileKind(path: string): FileKind {
  const end = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  if (end === 'toml' || end === 'csv') return end;
  return end === 'json' || end === 'geojson' ? 'json' : 'text';
}

export interface Folder {
  name: string;
  files: string[];
}

/** Files by folder, those of the pack's root first. */
export function folders(paths: readonly string[]): Folder[] {
  const all = new Map<string, string[]>();
  for (const path of [...paths].sort((a, b) => (a < b ? -1 : 1))) {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    all.set(folder, [...(all.get(folder) ?? []), path]);
  }
  return [...all].map(([name, files]) => ({ name, files })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
