import Route from '@ember/routing/route';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type PreferencesService from '../services/preferences.ts';
import type SessionService from '../services/session.ts';

/** The last place, or the first team. */
export default class IndexRoute extends Route {
  @service declare intl: IntlService;
  @service declare router: RouterService;
  @service declare session: SessionService;
  @service declare preferences: PreferencesService;

  async model() {
    await speakOfPages(this.intl);
    const { NoTeam } = await import('../components/no-team.gts');
    return { NoTeam };
  }

  beforeModel(): void {
    if (this.session.appliance?.status === 'setup') return void this.router.replaceWith('setup');
    if (!this.session.isLoggedIn) return void this.router.replaceWith('login');
    const [space, ...rest] = this.preferences.get('lastPlace').split('/');
    const channel = rest.join('/');
    const spaces = [...this.session.teams.map(({ slug }) => slug), ...this.preferences.get('networks').map(({ id }) => id)];
    if (space && channel && spaces.includes(space)) this.router.replaceWith('space.channel', space, channel);
    else if (spaces[0]) this.router.replaceWith('space', spaces[0]);
  }
}
