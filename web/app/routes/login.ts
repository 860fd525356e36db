import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type SessionService from '../services/session.ts';

export default class LoginRoute extends Route {
  @service declare router: RouterService;
  @service declare session: SessionService;

  redirect(): void {
    if (this.session.appliance?.status === 'setup') this.router.replaceWith('setup');
    else if (this.session.isLoggedIn) this.router.replaceWith('index');
  }
}
