import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type IntlService from 'ember-intl/services/intl';
import { speak } from '../lib/language.ts';
import type PreferencesService from '../services/preferences.ts';
import type SessionService from '../services/session.ts';

export default class ApplicationRoute extends Route {
  @service declare intl: IntlService;
  @service declare session: SessionService;
  @service declare preferences: PreferencesService;

  async beforeModel(): Promise<void> {
    this.preferences.apply();
    const restored = this.session.restore();
    // A failure is told in words: those have to be there first.
    restored.catch(() => undefined);
    await speak(this.intl, this.preferences.language);
    await restored;
    const first = this.preferences.language;
    this.preferences.fallback = this.session.appliance?.language ?? '';
    if (this.preferences.language !== first) await speak(this.intl, this.preferences.language);
  }
}
