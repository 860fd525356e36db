import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { api, type Team } from '../../../lib/api.ts';
import type SessionService from '../../../services/session.ts';
import { LiveEvents } from './live-events.ts';

/** What is asked before something is done that cannot simply be undone. */
export interface Question {
  title: string;
  /** What will happen, one sentence each. */
  points: readonly string[];
  confirm: string;
  isDanger?: boolean;
  /** Has to be typed first. */
  typed?: string;
  /** A link to be taken before, such as an export. */
  before?: { label: string; href: string };
  run: () => Promise<unknown>;
}

/** What the pages of the panel share. Registered when the panel is loaded, so that nobody else loads it. */
export class AdminService extends Service {
  @service declare session: SessionService;
  @tracked question: Question | undefined;
  @tracked teams: readonly Team[] = [];
  readonly live = new LiveEvents(() => (this.isApplianceAdmin ? ['changes', 'components', 'samples'] : ['changes']));

  get isApplianceAdmin(): boolean {
    return this.session.account?.isAdmin ?? false;
  }

  /** The teams that this account may administer. */
  get ownTeams(): readonly Team[] {
    return this.isApplianceAdmin ? this.teams : this.teams.filter(({ role }) => role === 'owner' || role === 'admin');
  }

  async load(): Promise<void> {
    const { teams } = await api<{ teams: Team[] }>('GET', '/api/teams');
    this.teams = teams;
  }

  team(slug: string): Team | undefined {
    return this.ownTeams.find((team) => team.slug === slug);
  }

  ask(question: Question): void {
    this.question = question;
  }

  answered = () => {
    this.question = undefined;
  };
}

declare module '@ember/service' {
  interface Registry {
    admin: AdminService;
  }
}
