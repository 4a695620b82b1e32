import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { characters, paragraphs, segments, starts } from '@/views/press/segments';

/** Where a phrase stands, counted as the server counts: in code points. */
function placed(text: string, phrase: string) {
  const units = text.indexOf(phrase);
  return { offset: Array.from(text.slice(0, units)).length, length: Array.from(phrase).length };
}

describe('characters', () => {
  test('are code points, not UTF-16 units', () => {
    expect(starts('a𠮷b')).toEqual([0, 1, 3, 4]);
    expect(characters('👩‍🌾𠮷')).toBe(4);
    expect(characters('')).toBe(0);
  });

  test('a half of a pair counts alone', () => {
    expect(starts('\ud83d!\udc00')).toEqual([0, 1, 2, 3]);
  });
});

describe('segments', () => {
  test('joined are the text again', () => {
    const text = '首尾144个，𠮷田村𠮷🍊7400余万元。\n另有53个';
    const claims = ['144个', '7400余万元', '53个'].map((phrase) => placed(text, phrase));
    const pieces = segments(text, claims);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.filter((piece) => piece.claim !== null)).toEqual([
      { text: '144个', claim: 0 },
      { text: '7400余万元', claim: 1 },
      { text: '53个', claim: 2 },
    ]);
  });

  test('claims may come in any order and keep their number', () => {
    const text = '项目3个，资金5元';
    const pieces = segments(text, [placed(text, '5元'), placed(text, '3个')]);
    expect(pieces.map((piece) => [piece.text, piece.claim])).toEqual([
      ['项目', null], ['3个', 1], ['，资金', null], ['5元', 0],
    ]);
  });

  test('a claim that begins inside another one is left out, one past the end is cut', () => {
    const pieces = segments('一共12万元', [
      { offset: 2, length: 4 }, { offset: 3, length: 2 }, { offset: 6, length: 9 },
    ]);
    expect(pieces).toEqual([{ text: '一共', claim: null }, { text: '12万元', claim: 0 }]);
  });

  test('agree with a walk character by character over a text full of pairs', () => {
    // A small generator with a fixed seed: the same texts on every run.
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const alphabet = ['个', '𠮷', '😀', 'a', '1', '\n', '👩‍🌾', '。'];
    for (let round = 0; round < 200; round += 1) {
      const text = Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join('');
      const points = [...text];
      const claims = Array.from({ length: next(5) }, () => ({ offset: next(points.length + 3), length: next(6) }));
      const owner: (number | null)[] = points.map(() => null);
      let done = 0;
      const order = claims.map((_, at) => at).sort((a, b) => (claims[a]?.offset ?? 0) - (claims[b]?.offset ?? 0));
      for (const at of order) {
        const { offset, length } = claims[at] ?? { offset: 0, length: 0 };
        const end = Math.min(points.length, offset + length);
        if (offset < done || end <= offset) continue;
        for (let place = offset; place < end; place += 1) owner[place] = at;
        done = end;
      }
      const pieces = segments(text, claims);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      expect(pieces.flatMap((piece) => [...piece.text].map(() => piece.claim))).toEqual(owner);
    }
  });

  test('paragraphs keep every written character and break where the text breaks', () => {
    const text = '题\r\n\r\n第一段3个。\n第二段';
    const lines = paragraphs(segments(text, [placed(text, '3个')]));
    expect(lines.map((line) => line.map((piece) => piece.text).join(''))).toEqual(['题', '第一段3个。', '第二段']);
    expect(lines[1]?.[1]).toEqual({ text: '3个', claim: 0 });
  });

  test('the article of the pack comes out whole', () => {
    const text = readFileSync(join(import.meta.dirname, 'article.txt'), 'utf8');
    const claims = ['144个', '7.5亿元', '4.24亿元', '36.8%'].map((phrase) => placed(text, phrase));
    const pieces = segments(text, claims);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.filter((piece) => piece.claim !== null).map((piece) => piece.text)).toEqual([
      '144个', '7.5亿元', '4.24亿元', '36.8%',
    ]);
  });
});
