import Route from '@ember/routing/route';
import { api, ApiError, path, type Role } from '../lib/api.ts';

export interface InviteModel {
  token: string;
  invitation?: { team: { name: string; slug: string; home: 'irc' | 'xmpp' }; role: Role; expiresAt: string | null };
  refusal?: ApiError;
}

export default class InviteRoute extends Route {
  async model({ token }: { token: string }): Promise<InviteModel> {
    try {
      return { token, invitation: await api<NonNullable<InviteModel['invitation']>>('GET', path('invites', token)) };
    } catch (error) {
      if (error instanceof ApiError) return { token, refusal: error };
      throw error;
    }
  }
}
