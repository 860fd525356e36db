import { getOwner } from '@ember/owner';
import Route from '@ember/routing/route';
import type Transition from '@ember/routing/transition';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type IntlService from 'ember-intl/services/intl';
import { speakOfAdmin, speakOfPages } from '../lib/language.ts';
import type SessionService from '../services/session.ts';

/** The admin panel. It finds its own way below this address, so that the chat loads nothing of it. */
export default class AdminRoute extends Route {
  @service declare intl: IntlService;
  @service declare router: RouterService;
  @service declare session: SessionService;

  beforeModel(transition: Transition): void {
    if (this.session.isLoggedIn) return;
    this.session.wanted = window.location.pathname;
    transition.abort();
    this.router.replaceWith('login');
  }

  async model() {
    const [{ AdminPage, prepare }] = await Promise.all([
      import('../components/admin/admin-page.gts'),
      speakOfPages(this.intl),
      speakOfAdmin(this.intl),
    ]);
    const owner = getOwner(this);
    if (owner) await prepare(owner);
    return { AdminPage };
  }
}
