import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { flat, type Messages } from '@/i18n';

const chinese = flat(import.meta.glob<Messages>('../src/i18n/zh-CN/*.ts', { eager: true, import: 'default' }));
const english = flat(import.meta.glob<Messages>('../src/i18n/en/*.ts', { eager: true, import: 'default' }));
const root = join(import.meta.dirname, '../src');

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'i18n' ? [] : sources(path);
    return /\.(vue|ts)$/.test(name) ? [path] : [];
  });
}

const code = sources(root).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const placeholders = (message: string | undefined) =>
  [...new Set((message ?? '').match(/\{\w+\}/g) ?? [])].sort();

describe('messages', () => {
  test('are there in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    expect(chinese.size).toBeGreaterThan(80);
  });

  test('take the same values in both languages', () => {
    for (const [key, message] of chinese) {
      expect([key, placeholders(english.get(key))]).toEqual([key, placeholders(message)]);
    }
  });

  test('English ones are English', () => {
    const chineseWords = [...english].filter(
      ([key, message]) => /\p{Script=Han}/u.test(message) && key !== 'shell.language',
    );
    expect(chineseWords).toEqual([]);
  });

  test('that the code names are there', () => {
    const named = code.flatMap(({ path, text }) =>
      [...text.matchAll(/\bt\(\s*'([a-z]\w*\.[\w.]+)'|\blabel: '([a-z]\w*\.[\w.]+)'/gi)].map((found) => ({
        path, key: found[1] ?? found[2] ?? '',
      })),
    );
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ key }) => !chinese.has(key))).toEqual([]);
  });

  test('are not written into templates', () => {
    // Chinese words in a template or a script are words that English readers would see.
    const allowed = /i18n|errors\.ts|contract|(number|yuan)\.ts$/;
    const written = code
      .filter(({ path }) => !allowed.test(path))
      .flatMap(({ path, text }) =>
        text
          .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|^\s*\/\/.*$/gm, '')
          .split('\n')
          .filter((line) => /\p{Script=Han}/u.test(line))
          .map((line) => `${path.slice(root.length)}: ${line.trim()}`),
      );
    expect(written).toEqual([]);
  });
});
