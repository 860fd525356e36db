import type { Home, Role } from '../database/schema.ts';
import { openTestStore, type TestStore } from '../identity/identity.test-support.ts';
import { createChannel, type Channel, type NewChannel } from './channels.ts';
import { addMember, getMember, type Member } from './members.ts';
import { createTeam, type Team } from './teams.ts';

export interface TestTeams extends TestStore {
  team(name: string, home?: Home): Promise<Team>;
  /** The account is made if it is not there yet. */
  member(team: Team, name: string, role?: Role): Promise<Member>;
  channel(team: Team, channel: string | NewChannel): Promise<Channel>;
}

export async function openTestTeams(): Promise<TestTeams> {
  const store = await openTestStore();
  const { outbox, database } = store;
  const accounts = new Map<string, Awaited<ReturnType<TestStore['account']>>>();
  return {
    ...store,
    team: (name, home = 'irc') => outbox.change((change) => createTeam(change, { name, home })),
    async member(team, name, role = 'member') {
      const account = accounts.get(name) ?? (await store.account(name));
      accounts.set(name, account);
      await outbox.change((change) => addMember(change, team, account, role));
      return getMember(database, team, name);
    },
    channel: (team, channel) =>
      outbox.change((change) => createChannel(change, team, typeof channel === 'string' ? { name: channel } : channel)),
  };
}
