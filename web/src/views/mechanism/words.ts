import { t } from '@/i18n';

/** The word for a key of the pack's files; keys without one, such as indicator ids, stay as they are. */
export function keyLabel(key: string): string {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const name = `mechanism.word.${last}`;
  const word = t(name);
  return word === name ? key : word;
}
