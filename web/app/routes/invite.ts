import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type IntlService from 'ember-intl/services/intl';
import { speakOfPages } from '../lib/language.ts';
import { api, ApiError, path, type Role } from '../lib/api.ts';

export interface InviteModel {
  token: string;
  invitation?: { team: { name: string; slug: string; home: 'irc' | 'xmpp' }; role: Role; expiresAt: string | null };
  refusal?: ApiError;
}

export default class InviteRoute extends Route {
  @service declare intl: IntlService;
  async model({ token }: { token: string }) {
    const [{ InvitePage }, invite] = await Promise.all([
      import('../components/invite-page.gts'),
      this.find(token),
      speakOfPages(this.intl),
    ]);
    return { InvitePage, ...invite };
  }

  private async find(token: string): Promise<InviteModel> {
    try {
      return { token, invitation: await api<NonNullable<InviteModel['invitation']>>('GET', path('invites', token)) };
    } catch (error) {
      if (error instanceof ApiError) return { token, refusal: error };
      throw error;
    }
  }
}
