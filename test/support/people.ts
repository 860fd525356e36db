import type { Database } from '../../server/database/database.ts';
import { Outbox } from '../../server/database/events.ts';
import type { Home, Role } from '../../server/database/schema.ts';
import { dialectIn } from '../../server/database/database.ts';
import { createAccount, type Account } from '../../server/identity/accounts.ts';
import { createScramKeys, type ScramKeys } from '../../server/identity/scram.ts';
import { addToChannel } from '../../server/teams/access.ts';
import { createChannel, type Channel } from '../../server/teams/channels.ts';
import { addMember, getMember } from '../../server/teams/members.ts';
import { createTeam, type Team } from '../../server/teams/teams.ts';

let keys: Promise<ScramKeys[]> | undefined;
export const PASSWORD = 'correct horse battery';

/** A team with members and channels, made through the same functions as in the product. */
export class People {
  readonly outbox: Outbox;

  constructor(database: Database) {
    this.outbox = new Outbox(database, dialectIn(database));
  }

  team(name: string, home: Home): Promise<Team> {
    return this.outbox.change((change) => createTeam(change, { name, home }));
  }

  async member(team: Team, name: string, role: Role = 'member'): Promise<Account> {
    keys ??= createScramKeys(PASSWORD);
    const made = await keys;
    return this.outbox.change(async (change) => {
      const account = await createAccount(change, { name }, made);
      await addMember(change, team, account, role);
      return account;
    });
  }

  channel(team: Team, name: string, isPrivate = false): Promise<Channel> {
    return this.outbox.change((change) => createChannel(change, team, { name, isPrivate }));
  }

  async open(team: Team, channel: Channel, name: string): Promise<void> {
    await this.outbox.change(async (change) => addToChannel(change, channel, await getMember(change.queries, team, name)));
  }
}
