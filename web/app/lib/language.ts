import type IntlService from 'ember-intl/services/intl';

type Translations = Record<string, object>;

const loaders: Record<'en' | 'de', () => Promise<{ default: unknown }>> = {
  en: () => import('../../translations/en.json'),
  de: () => import('../../translations/de.json'),
};

/** Loads a language and shows the page in it. */
export async function speak(intl: IntlService, language: 'en' | 'de'): Promise<void> {
  const { default: translations } = await loaders[language]();
  intl.addTranslations(language, translations as Translations);
  intl.setLocale([language]);
  document.documentElement.lang = language;
}
