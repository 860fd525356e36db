import type IntlService from 'ember-intl/services/intl';
import type { Messages } from 'translations:en';

type Language = 'en' | 'de';
type Loaders = Record<Language, () => Promise<{ default: Messages }>>;

interface TakesParsed {
  updateIntl(locale: string, messages: Record<string, unknown>): void;
}

/** What the chat says. */
const chat: Loaders = { en: () => import('translations:en'), de: () => import('translations:de') };
/** What settings, dialogs and the pages before the chat say. */
const pages: Loaders = { en: () => import('translations:en-pages'), de: () => import('translations:de-pages') };
/** What the admin panel says. */
const admin: Loaders = { en: () => import('translations:en-admin'), de: () => import('translations:de-admin') };

let spoken: Language = 'en';
const more = new Set<Loaders>();

/** Loads a language and shows the page in it. */
export async function speak(intl: IntlService, language: Language): Promise<void> {
  await add(intl, language, chat);
  await Promise.all([...more].map((words) => add(intl, language, words)));
  spoken = language;
  // The region decides how dates and numbers look; the words are those of the language.
  const regional = navigator.languages.find((tag) => tag.startsWith(`${language}-`));
  intl.setLocale(regional ? [regional, language] : [language]);
  document.documentElement.lang = language;
}

/** Adds the words of everything that is not the chat. */
export const speakOfPages = (intl: IntlService): Promise<void> => speakOf(intl, pages);
/** Adds the words of the admin panel. */
export const speakOfAdmin = (intl: IntlService): Promise<void> => speakOf(intl, admin);

async function speakOf(intl: IntlService, words: Loaders): Promise<void> {
  if (more.has(words)) return;
  await add(intl, spoken, words);
  more.add(words);
}

async function add(intl: IntlService, language: Language, from: Loaders): Promise<void> {
  const { default: messages } = await from[language]();
  // COMPAT: ember-intl's public addTranslations takes text only and would need the parser (10 kB); may go once it takes parsed messages.
  (intl as unknown as TakesParsed).updateIntl(language, expanded(messages));
}

/** The build parsed the messages already: plain ones come as text, the others as what the parser made of them. */
function expanded(messages: Messages): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [key, typeof message === 'string' ? [{ type: 0, value: message }] : message]),
  );
}
