import Service from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { type Account, api, ApiError, type Appliance, type LoggedIn, type SecondFactor, type Team } from '../lib/api.ts';

interface Kept {
  account: Account | undefined;
  teams: readonly Team[];
  appliance: Appliance | undefined;
}

const storageKey = 'kosmos:session';

/** Who was here last: for a start without a connection. It opens nothing by itself. */
const memory = {
  read: (): Kept | undefined => JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Kept | undefined,
  keep: (kept: Kept) => localStorage.setItem(storageKey, JSON.stringify(kept)),
  forget: () => localStorage.removeItem(storageKey),
};

/** Who is logged in, and to which appliance. */
export default class SessionService extends Service {
  @tracked account: Account | undefined;
  @tracked teams: readonly Team[] = [];
  @tracked appliance: Appliance | undefined;
  /** Where to go after the log-in. */
  wanted: string | undefined;
  /** The server does not answer: this is who was here last, and what is seen is what was kept. */
  @tracked isFromMemory = false;
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
    try {
      const [appliance, loggedIn] = await Promise.all([api<Appliance>('GET', '/api/appliance'), this.present()]);
      this.appliance = appliance;
      if (loggedIn) this.take(loggedIn);
      else memory.forget();
    } catch (error) {
      const kept = error instanceof ApiError && (error.status === 0 || error.status >= 500) ? memory.read() : undefined;
      if (!kept) throw error;
      this.isFromMemory = true;
      ({ account: this.account, teams: this.teams, appliance: this.appliance } = kept);
    }
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
    memory.forget();
    void import('../lib/offline-store.ts').then(({ forget }) => forget());
  }

  take(loggedIn: LoggedIn): void {
    this.account = loggedIn.account;
    this.teams = loggedIn.teams;
    this.isFromMemory = false;
    this.mustEnrol = loggedIn.mustEnrol ?? false;
    this.looked = true;
    memory.keep({ account: this.account, teams: this.teams, appliance: this.appliance });
  }

  async loadAppliance(): Promise<Appliance> {
    this.appliance = await api<Appliance>('GET', '/api/appliance');
    return this.appliance;
  }

  async rename(displayName: string): Promise<void> {
    this.account = await api<Account>('PATCH', '/api/account', { displayName: displayName || null });
  }

  /** After a start without a connection: who is there really, now that the server answers. */
  async confirm(): Promise<void> {
    if (!this.isFromMemory) return;
    this.appliance = await api<Appliance>('GET', '/api/appliance');
    const loggedIn = await this.present();
    if (loggedIn) this.take(loggedIn);
    else this.forget();
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
