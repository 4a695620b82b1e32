import { t } from '@/i18n';
import { useMechanism } from '@/stores/mechanism';

/** Keys whose values are words of the pack's own language. */
const WORDY = new Set([
  'type', 'role', 'reporter', 'frequency', 'severity', 'certainty', 'kind', 'time', 'measure', 'since', 'by', 'side', 'reach', 'state',
]);
/** Columns that hold ids of units. */
const UNITS = new Set(['unit', 'supporter', 'recipient', 'successor', 'within']);

/** The word for a key of the pack's files; keys without one, such as indicator ids, stay as they are. */
export function keyLabel(key: string): string {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const name = `mechanism.word.${last}`;
  const word = t(name);
  return word === name ? key : word;
}

/** A value as people read it: yes and no, and words such as `money`; others stay as they are. */
export function valueLabel(key: string, text: string): string {
  if (text === 'true') return t('shell.yes');
  if (text === 'false') return t('shell.no');
  if (!WORDY.has(key)) return text;
  const name = `mechanism.value.${text}`;
  const word = t(name);
  return word === name ? text : word;
}

/** A cell of a table of the pack: ids of units, flags and clusters by their names. */
export function cellLabel(column: string, text: string): string {
  const store = useMechanism();
  if (UNITS.has(column)) return store.unitName(text);
  if (column === 'flag') return store.flagName(text);
  if (column === 'cluster') return store.clusterName(text);
  return valueLabel(column, text);
}
