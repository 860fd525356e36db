import Route from '@ember/routing/route';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type SessionService from '../services/session.ts';

export default class LoginRoute extends Route {
  @service declare intl: IntlService;
  @service declare router: RouterService;
  @service declare session: SessionService;

  async model() {
    const [{ LoginPage }] = await Promise.all([import('../components/login-page.gts'), speakOfPages(this.intl)]);
    return { LoginPage };
  }

  redirect(): void {
    if (this.session.appliance?.status === 'setup') this.router.replaceWith('setup');
    else if (this.session.isLoggedIn) this.router.replaceWith('index');
  }
}
