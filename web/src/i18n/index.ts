import { shallowReactive, shallowRef } from 'vue';

export type Language = 'zh-CN' | 'en';

/** Messages of an area: sentences, or groups of them. */
export interface Messages {
  [key: string]: string | Messages;
}

type Flat = Map<string, string>;
type Values = Record<string, string | number | null | undefined>;

const KEPT = 'qipan.lang';
const chinese = import.meta.glob<Messages>('./zh-CN/*.ts', { eager: true, import: 'default' });

/** Areas under their file names, groups joined by dots. */
export function flat(areas: Record<string, Messages>): Flat {
  const all: Flat = new Map();
  const add = (prefix: string, messages: Messages) => {
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message === 'string') all.set(`${prefix}.${key}`, message);
      else add(`${prefix}.${key}`, message);
    }
  };
  for (const [file, messages] of Object.entries(areas)) {
    add(file.replace(/^.*\/(.+)\.ts$/, '$1'), messages);
  }
  return all;
}

const loaded = shallowReactive(new Map<Language, Flat>([['zh-CN', flat(chinese)]]));

/** The language of the page. */
export const language = shallowRef<Language>('zh-CN');

/** The language that a word of the address or the last visit names. */
export function wanted(word: unknown): Language {
  const kept = word ?? localStorage.getItem(KEPT);
  return kept === 'en' ? 'en' : 'zh-CN';
}

/** Changes the language of the page; its messages are fetched first. */
export async function speak(next: Language): Promise<void> {
  if (!loaded.has(next)) loaded.set(next, flat((await import('./en')).default));
  language.value = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next;
}

/**
 * A sentence in the language of the page. `{name}` is filled from `values`; where a message has two
 * forms, `{n} row | {n} rows`, `values.n` chooses.
 */
export function t(key: string, values: Values = {}): string {
  const message = loaded.get(language.value)?.get(key) ?? loaded.get('zh-CN')?.get(key);
  if (message === undefined) return key;
  const forms = message.split(' | ');
  const form = forms.length === 2 && values.n !== 1 ? forms[1] : forms[0];
  return (form ?? message).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined || value === null ? whole : String(value);
  });
}

/** Of two wordings that the server sent, the one in the language of the page. */
export function say(zh: string | null | undefined, en: string | null | undefined): string {
  return (language.value === 'en' ? en || zh : zh || en) ?? '';
}

/**
 * The language of what people or a pack have written, where it is not the page's: a screen reader
 * then speaks it right (WCAG 2.2, 3.1.2).
 */
export function langOf(words: string | null | undefined): Language | undefined {
  return language.value !== 'zh-CN' && /\p{Script=Han}/u.test(words ?? '') ? 'zh-CN' : undefined;
}

/** What stands between words of a list. */
export function comma(): string {
  return language.value === 'en' ? ', ' : '、';
}

/** Words one after the other. */
export function list(words: string[]): string {
  return words.join(comma());
}
