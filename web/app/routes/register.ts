import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';

export default class RegisterRoute extends Route {
  @service declare intl: IntlService;

  async model({ token }: { token?: string }) {
    const [{ RegisterPage }] = await Promise.all([import('../components/register-page.gts'), speakOfPages(this.intl)]);
    return { Page: RegisterPage, token };
  }
}
