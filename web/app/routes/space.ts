import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type Transition from '@ember/routing/transition';
import type SessionService from '../services/session.ts';
import type SpacesService from '../services/spaces.ts';

export default class SpaceRoute extends Route {
  @service declare router: RouterService;
  @service declare session: SessionService;
  @service declare spaces: SpacesService;

  beforeModel(transition: Transition): void {
    if (!this.session.isLoggedIn) {
      this.session.wanted = window.location.pathname;
      transition.abort();
      this.router.replaceWith('login');
      return;
    }
    this.spaces.start();
  }

  model({ space }: { space: string }) {
    return { id: space };
  }
}
