import Service from '@ember/service';
import { tracked } from '@glimmer/tracking';

export type Theme = 'system' | 'light' | 'dark';
export type Notify = 'all' | 'mentions' | 'none';

export interface Network {
  id: string;
  name: string;
  platform: 'irc' | 'xmpp';
  server: string;
  port?: number;
  secure?: boolean;
  /** Nick on IRC, address on XMPP. */
  user: string;
  usesPassword: boolean;
  rooms: string[];
}

export interface Preferences {
  theme: Theme;
  density: 'comfortable' | 'compact';
  textSize: 'small' | 'normal' | 'large';
  language: 'system' | 'en' | 'de';
  sound: boolean;
  desktopNotes: boolean;
  sendTyping: boolean;
  quietFrom: string;
  quietTo: string;
  lastPlace: string;
  favourites: string[];
  notify: Record<string, Notify>;
  directs: Record<string, string[]>;
  left: string[];
  collapsed: string[];
  order: Record<string, string[]>;
  markers: Record<string, number>;
  networks: Network[];
  recentEmoji: string[];
}

export const defaults: Preferences = {
  theme: 'system',
  density: 'comfortable',
  textSize: 'normal',
  language: 'system',
  sound: false,
  desktopNotes: false,
  sendTyping: true,
  quietFrom: '',
  quietTo: '',
  lastPlace: '',
  favourites: [],
  notify: {},
  directs: {},
  left: [],
  collapsed: [],
  order: {},
  markers: {},
  networks: [],
  recentEmoji: ['👍', '❤️', '😂', '🎉', '👀', '🙏'],
};

const storageKey = 'kosmos:preferences';

/** How this person likes it: kept in the browser, and in their own storage where one is connected. */
export default class PreferencesService extends Service {
  @tracked private values: Preferences = read();
  private readonly listeners = new Set<(values: Preferences) => void>();

  get all(): Preferences {
    return this.values;
  }

  get<K extends keyof Preferences>(key: K): Preferences[K] {
    return this.values[key];
  }

  change<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
    this.replace({ ...this.values, [key]: value });
    for (const listener of this.listeners) listener(this.values);
  }

  /** Takes what came from elsewhere, without telling the listeners. */
  replace(values: Preferences): void {
    this.values = values;
    write(values);
    this.apply();
  }

  toggle(key: 'favourites' | 'collapsed' | 'left', item: string, on = !this.values[key].includes(item)): void {
    const others = this.values[key].filter((other) => other !== item);
    this.change(key, on ? [...others, item] : others);
  }

  onChange(listener: (values: Preferences) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Puts theme, density and size onto the page; public/theme.js does the same before the first paint. */
  apply(): void {
    const root = document.documentElement;
    const { theme, density, textSize } = this.values;
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    root.dataset['density'] = density;
    root.dataset['textSize'] = textSize;
  }

  /** The appliance's, for whose browser asks for no language that there is. */
  fallback = '';

  get language(): 'en' | 'de' {
    const { language } = this.values;
    if (language !== 'system') return language;
    const wanted = navigator.languages.find((tag) => /^(de|en)/.test(tag)) ?? this.fallback;
    return wanted.startsWith('de') ? 'de' : 'en';
  }
}

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>;
    return { ...defaults, ...kept };
  } catch {
    return defaults;
  }
}

function write(values: Preferences): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(values));
  } catch {
    // A full or forbidden store loses the preference at the next load, nothing else.
  }
}

declare module '@ember/service' {
  interface Registry {
    preferences: PreferencesService;
  }
}
