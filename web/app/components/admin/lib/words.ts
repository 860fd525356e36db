import type IntlService from 'ember-intl/services/intl';

type Values = Record<string, string | number | boolean | null>;

/** What the server says in English, in the person's language where the panel knows it. */
export function said(intl: IntlService, key: string, english: string, values: Values = {}): string {
  return intl.exists(key) ? intl.t(key, values as Record<string, string>) : english;
}
