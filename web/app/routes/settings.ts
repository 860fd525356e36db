import Route from '@ember/routing/route';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type SessionService from '../services/session.ts';
import type SpacesService from '../services/spaces.ts';

export default class SettingsRoute extends Route {
  @service declare intl: IntlService;
  @service declare router: RouterService;
  @service declare session: SessionService;
  @service declare spaces: SpacesService;

  beforeModel(): void {
    if (!this.session.isLoggedIn) this.router.replaceWith('login');
    else this.spaces.start();
  }

  async model({ section }: { section: string }) {
    const [{ SettingsPage }] = await Promise.all([import('../components/settings/settings-page.gts'), speakOfPages(this.intl)]);
    return { SettingsPage, section };
  }
}
