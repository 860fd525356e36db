import type IntlService from 'ember-intl/services/intl';
import { messageOf } from '../../lib/forms.ts';
import { ApiError } from '../../lib/api.ts';

/** Why it did not work, in words of the page where it has some. */
export function reasonOf(error: unknown, intl: IntlService): string {
  if (error instanceof DOMException) return intl.t('factors.notProved');
  if (error instanceof ApiError && error.code === 'KOSMOS_ERR_CREDENTIALS') return intl.t('factors.wrongPassword');
  if (error instanceof ApiError && error.code === 'KOSMOS_ERR_SECOND_FACTOR_WRONG') return intl.t('factors.wrong');
  return messageOf(error);
}
