import Service from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { type Account, api, ApiError, type Appliance, type LoggedIn, type SecondFactor, type Team } from '../lib/api.ts';

/** Who is logged in, and to which appliance. */
export default class SessionService extends Service {
  @tracked account: Account | undefined;
  @tracked teams: readonly Team[] = [];
  @tracked appliance: Appliance | undefined;
  /** Where to go after the log-in. */
  wanted: string | undefined;
  /** Logged in, but a second factor has to be set up before anything else. */
  @tracked mustEnrol = false;
  private looked = false;

  get isLoggedIn(): boolean {
    return this.account !== undefined && !this.mustEnrol;
  }

  get canAdminister(): boolean {
    return this.account?.isAdmin === true || this.teams.some(({ role }) => role === 'owner' || role === 'admin');
  }

  get name(): string {
    return this.account?.name ?? '';
  }

  /** Finds out once who is there; rejects when the server does not answer. */
  async restore(): Promise<void> {
    if (this.looked) return;
    const [appliance, loggedIn] = await Promise.all([api<Appliance>('GET', '/api/appliance'), this.present()]);
    this.appliance = appliance;
    if (loggedIn) this.take(loggedIn);
    this.looked = true;
  }

  /** Resolves with what has to follow where the account has a second factor. */
  async logIn(name: string, password: string): Promise<SecondFactor | undefined> {
    const answer = await api<LoggedIn | { secondFactor: SecondFactor }>('POST', '/api/session', { name, password });
    if ('secondFactor' in answer) return answer.secondFactor;
    this.take(answer);
    return undefined;
  }

  async logOut(): Promise<void> {
    await api('DELETE', '/api/session');
    this.forget();
  }

  forget(): void {
    this.account = undefined;
    this.teams = [];
  }

  take(loggedIn: LoggedIn): void {
    this.account = loggedIn.account;
    this.teams = loggedIn.teams;
    this.mustEnrol = loggedIn.mustEnrol ?? false;
    this.looked = true;
  }

  async loadAppliance(): Promise<Appliance> {
    this.appliance = await api<Appliance>('GET', '/api/appliance');
    return this.appliance;
  }

  async rename(displayName: string): Promise<void> {
    this.account = await api<Account>('PATCH', '/api/account', { displayName: displayName || null });
  }

  private async present(): Promise<LoggedIn | undefined> {
    try {
      return await api<LoggedIn>('GET', '/api/session');
    } catch (error) {
      if (error instanceof ApiError && error.status > 0 && error.status < 500) return undefined;
      throw error;
    }
  }
}

declare module '@ember/service' {
  interface Registry {
    session: SessionService;
  }
}
