import { t } from '@/i18n';

/** What sort of change, in words; those that the desk does not know stay as they are. */
export function actionName(action: string): string {
  const key = `journal.actions.${action}`;
  const word = t(key);
  return word === key ? action : word;
}
