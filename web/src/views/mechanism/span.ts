import type { Valid } from './timeline';
import { t } from '@/i18n';

/** A span of validity in words. */
export function spanLabel(valid: Valid): string {
  if (valid.from && valid.to) return t('mechanism.units.span', { from: valid.from, to: valid.to });
  if (valid.from) return t('mechanism.units.since', { from: valid.from });
  if (valid.to) return t('mechanism.units.till', { to: valid.to });
  return t('mechanism.units.always');
}
