import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';

export default class ResetRoute extends Route {
  @service declare intl: IntlService;

  async model({ token }: { token: string }) {
    const [{ ResetPage }] = await Promise.all([import('../components/reset-page.gts'), speakOfPages(this.intl)]);
    return { Page: ResetPage, token };
  }
}
