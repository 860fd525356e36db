import Route from '@ember/routing/route';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type SessionService from '../services/session.ts';

/** Loaded only where an appliance is set up. */
export default class SetupRoute extends Route {
  @service declare intl: IntlService;
  @service declare router: RouterService;
  @service declare session: SessionService;

  redirect(): void {
    if (this.session.appliance?.status === 'ready') this.router.replaceWith('index');
  }

  async model() {
    const [{ SetupPage }] = await Promise.all([import('../components/setup/setup-page.gts'), speakOfPages(this.intl)]);
    return { SetupPage, token: new URLSearchParams(window.location.search).get('token') ?? '' };
  }
}
