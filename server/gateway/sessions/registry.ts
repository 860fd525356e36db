import { KosmosError } from '../../foundation/errors.ts';
import type { MarkerMoved } from '../../foundation/events.ts';
import type { Home } from '../../database/schema.ts';
import type { ActivityObject, Platform } from '../platforms/platform.ts';
import type { AccountRef } from '../team/team-side.ts';
import { ActorSession } from './actor-session.ts';
import type { Surroundings } from './surroundings.ts';

/** How many sessions come back at once after a restart. */
const RESTORED_AT_ONCE = 10;
const RESTORE_PAUSE = 200;

/** All sessions of the gateway, by account, platform and actor. */
export class SessionRegistry {
  readonly #surroundings: Surroundings;
  readonly #platforms: ReadonlyMap<string, Platform>;
  /** Several keys lead to one session after a nick change. */
  readonly #sessions = new Map<string, ActorSession>();
  /** The same by account, with the keys of each. */
  readonly #accounts = new Map<string, Map<ActorSession, string[]>>();

  constructor(surroundings: Surroundings, platforms: ReadonlyMap<string, Platform>) {
    this.#surroundings = surroundings;
    this.#platforms = platforms;
  }

  get size(): number {
    let size = 0;
    for (const sessions of this.#accounts.values()) size += sessions.size;
    return size;
  }

  find(account: AccountRef, platform: Platform, actor: ActivityObject): ActorSession | undefined {
    return this.#sessions.get(keyOf(account, platform.id, actor.id ?? ''));
  }

  /** Throws KOSMOS_ERR_SESSION_LIMIT. */
  ensure(account: AccountRef, platform: Platform, actor: ActivityObject): ActorSession {
    const existing = this.find(account, platform, actor);
    if (existing) return existing;
    const { limits } = this.#surroundings;
    const limit = account.isGuest ? limits.guests.sessions : limits.sessionsPerAccount;
    if ((this.#accounts.get(account.id)?.size ?? 0) >= limit) throw new KosmosError('KOSMOS_ERR_SESSION_LIMIT', { limit });
    const session = new ActorSession({ account, platform, actor }, this.#surroundings, () => this.#remove(session));
    this.addName(session, actor.id ?? '');
    return session;
  }

  /** After a nick change the actor goes by its new id too. */
  addName(session: ActorSession, id: string): void {
    const { account, platform } = session.owner;
    const key = keyOf(account, platform.id, id);
    if (this.#sessions.has(key)) return;
    this.#sessions.set(key, session);
    const sessions = this.#accounts.get(account.id) ?? new Map<ActorSession, string[]>();
    this.#accounts.set(account.id, sessions.set(session, [...(sessions.get(session) ?? []), key]));
  }

  /** Brings back the sessions to other servers, a few at a time. */
  async restore(signal: AbortSignal): Promise<void> {
    const stored = await this.#surroundings.store.findAll();
    for (const [index, row] of stored.entries()) {
      if (signal.aborted) return;
      const platform = this.#platforms.get(row.platform);
      if (!platform || this.find(row.account, platform, row.actor)) continue;
      this.ensure(row.account, platform, row.actor).restore(row);
      if (index % RESTORED_AT_ONCE === RESTORED_AT_ONCE - 1) await pause(RESTORE_PAUSE);
    }
  }

  /** Members whose browsers are to be woken by direct messages are on the team's servers, whether a browser is open or not. */
  async restoreReachable(signal: AbortSignal): Promise<void> {
    const { team, domain } = this.#surroundings;
    for (const [index, { account, home }] of (await team.findReachable()).entries()) {
      if (signal.aborted) return;
      const platform = this.#platforms.get(home);
      const actor = { type: 'person', id: `${account.name}@${domain}`, name: account.name };
      if (platform) this.ensure(account, platform, actor).stayAlone(homeCredentials(home, account.name, domain));
      if (index % RESTORED_AT_ONCE === RESTORED_AT_ONCE - 1) await pause(RESTORE_PAUSE);
    }
  }

  async sweep(): Promise<void> {
    for (const sessions of [...this.#accounts.values()]) for (const session of [...sessions.keys()]) await session.sweep();
  }

  /** An account has read a channel of the team's elsewhere. */
  markRead({ account, home, address, message, sentAt }: MarkerMoved): void {
    const { domain } = this.#surroundings;
    const target =
      home === 'irc'
        ? { type: 'room', id: `#${address}@${domain}`, name: `#${address}` }
        : { type: 'room', id: `${address}@rooms.${domain}`, name: address };
    for (const session of this.#of(account)) {
      if (session.isTeamServer && session.owner.platform.id === home)
        session.markRead(target, { type: 'marker', id: message, published: sentAt });
    }
  }

  /** Everything of an account, or only what is on the team's own servers. */
  async endAccount(accountId: string, which: 'all' | 'team'): Promise<void> {
    const sessions = this.#of(accountId).filter((session) => which === 'all' || session.isTeamServer);
    await Promise.all(sessions.map((session) => session.end()));
  }

  async close(): Promise<void> {
    const all = [...this.#accounts.values()].flatMap((sessions) => [...sessions.keys()]);
    await Promise.all(all.map((session) => session.end()));
  }

  #of(accountId: string): ActorSession[] {
    return [...(this.#accounts.get(accountId)?.keys() ?? [])];
  }

  #remove(session: ActorSession): void {
    const { id } = session.owner.account;
    const sessions = this.#accounts.get(id);
    for (const key of sessions?.get(session) ?? []) this.#sessions.delete(key);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#accounts.delete(id);
  }
}

/** What the web client says, so that it finds its session as it is. */
function homeCredentials(home: Home, name: string, domain: string): Readonly<Record<string, unknown>> {
  const type = 'credentials';
  return home === 'irc' ? { type, nick: name, server: domain } : { type, userAddress: `${name}@${domain}`, resource: 'web' };
}

function keyOf(account: AccountRef, platform: string, actorId: string): string {
  return `${account.id}\n${platform}\n${actorId}`;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
