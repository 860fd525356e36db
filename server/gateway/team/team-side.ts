import { requestComponent } from '../../foundation/http-client.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Address } from '../../foundation/topology.ts';
import type { Database } from '../../database/database.ts';
import type { Outbox } from '../../database/events.ts';
import type { Home } from '../../database/schema.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import { DirectMessages } from './direct-messages.ts';
import { TeamMarkers } from './team-markers.ts';

export interface AccountRef {
  readonly id: string;
  readonly name: string;
  /** Somebody without an account: for as long as the socket, and for public hosts. */
  readonly isGuest?: boolean;
}

export interface TeamSideParts {
  readonly outbox: Outbox;
  readonly daemon: Address;
  readonly secret: string;
  readonly logger: Logger;
}

/** What the appliance wants to know of its members' sessions on the team's own servers: how far they have read, who wrote to them. */
export class TeamSide {
  readonly #database: Database;
  readonly #markers: TeamMarkers;
  readonly #direct: DirectMessages;

  constructor({ outbox, daemon, secret, logger }: TeamSideParts) {
    this.#database = outbox.database;
    this.#markers = new TeamMarkers(outbox, logger);
    const call = async (path: string, body: object): Promise<number> => {
      const headers = { authorization: `Bearer ${secret}` };
      return (await requestComponent('daemon', daemon, { method: 'POST', path, body, headers })).status;
    };
    this.#direct = new DirectMessages(outbox.database, call, logger);
  }

  /** Something that a session was told by its server, or did there. Never waits. */
  heard(account: AccountRef, home: Home, ownId: string, activity: Activity): void {
    const isOwn = isBy(account, ownId, activity);
    if (activity.type === 'read' && isOwn) {
      if (activity.target?.type === 'room') this.#markers.note(account, home, activity);
      else if (activity.target?.id !== undefined) this.#direct.read(account, bare(activity.target.id));
    } else if (isDirect(activity) && !isOwn) this.#direct.tell(account, home, activity);
  }

  /** A channel was entered. Resolves with the marker that its server is to be told, if it is behind the appliance's. */
  settleMarker(account: AccountRef, home: Home, entered: Activity): Promise<ActivityObject | undefined> {
    return this.#markers.settle(account, home, entered);
  }

  /** Whether a browser of the account wants to be woken. */
  async hasPush(accountId: string): Promise<boolean> {
    const row = await this.#database.selectFrom('push_subscriptions').select('id').where('account_id', '=', accountId).executeTakeFirst();
    return row !== undefined;
  }

  /** Who is to be reachable while no browser is open, and on which servers. */
  async findReachable(): Promise<{ account: AccountRef; home: Home }[]> {
    const rows = await this.#database
      .selectFrom('push_subscriptions')
      .innerJoin('accounts', 'accounts.id', 'push_subscriptions.account_id')
      .innerJoin('members', 'members.account_id', 'accounts.id')
      .innerJoin('teams', 'teams.id', 'members.team_id')
      .select(['accounts.id', 'accounts.name', 'teams.home'])
      .where('accounts.disabled_at', 'is', null)
      .distinct()
      .execute();
    return rows.map(({ id, name, home }) => ({ account: { id, name }, home }));
  }
}

/** Whether it is the account itself, with whatever client. */
export function isBy(account: AccountRef, ownId: string, { actor }: Activity): boolean {
  return actor['account'] === account.name || bare(actor.id) === bare(ownId);
}

/** A message from one person to another. */
export function isDirect({ type, target, object }: Activity): boolean {
  return type === 'send' && target?.type === 'person' && (object?.type === 'message' || object?.type === 'me');
}

function bare(id = ''): string {
  const slash = id.indexOf('/');
  return (slash === -1 ? id : id.slice(0, slash)).toLowerCase();
}
