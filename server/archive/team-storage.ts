import { seal, unseal } from '../foundation/crypto.ts';
import type { Change, Outbox } from '../database/events.ts';
import { ensureBot, findAccount, type Account } from '../identity/accounts.ts';
import { createGrant } from '../identity/storage-grants.ts';
import type { StorageAccess } from './remote-storage.ts';

/** Makes a token that may read and write all `chat-messages` of an account. */
type GrantAccess = (change: Change, account: Account) => Promise<string>;

const grantChatMessages: GrantAccess = async ({ queries }, account) =>
  (await createGrant(queries, account, 'daemon', [{ module: 'chat-messages', level: 'rw' }])).token;

/** Every team has a remoteStorage account of its own, a bot's: nobody logs in to it, and its owner is whoever runs the appliance. */
export class TeamStorage {
  readonly #outbox: Outbox;
  readonly #key: Buffer;
  readonly #grant: GrantAccess;

  constructor(outbox: Outbox, key: Buffer, grant: GrantAccess = grantChatMessages) {
    this.#outbox = outbox;
    this.#key = key;
    this.#grant = grant;
  }

  async accessFor(teamId: string): Promise<StorageAccess> {
    return (await this.#find(teamId)) ?? (await this.#outbox.change((change) => this.#create(change, teamId)));
  }

  async forget(teamId: string): Promise<void> {
    await this.#outbox.database.deleteFrom('team_storage').where('team_id', '=', teamId).execute();
  }

  /** Path of the team's storage, if anything was ever written there. */
  async findRoot(teamId: string): Promise<string | undefined> {
    return (await this.#find(teamId))?.root;
  }

  async #find(teamId: string): Promise<StorageAccess | undefined> {
    const row = await this.#outbox.database
      .selectFrom('team_storage')
      .innerJoin('accounts', 'accounts.id', 'team_storage.account_id')
      .select(['accounts.name', 'team_storage.token'])
      .where('team_id', '=', teamId)
      .executeTakeFirst();
    return row && { root: `/storage/${row.name}`, token: unseal(row.token, this.#key, contextOf(teamId)) };
  }

  async #create(change: Change, teamId: string): Promise<StorageAccess> {
    const { slug } = await change.queries.selectFrom('teams').select('slug').where('id', '=', teamId).executeTakeFirstOrThrow();
    const account = await ensureBot(change, await freeName(change, slug));
    const token = await this.#grant(change, account);
    const sealed = seal(token, this.#key, contextOf(teamId));
    await change.queries.insertInto('team_storage').values({ team_id: teamId, account_id: account.id, token: sealed }).execute();
    return { root: `/storage/${account.name}`, token };
  }
}

/** A person may have had the name first: then another, never that person's storage. */
async function freeName(change: Change, slug: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const name = `team-${slug.slice(0, 20)}${attempt === 1 ? '' : `-${attempt}`}`;
    const taken = await findAccount(change.queries, name);
    if (!taken) return name;
    const used = await change.queries.selectFrom('team_storage').select('team_id').where('account_id', '=', taken.id).executeTakeFirst();
    if (taken.isBot && !used) return name;
  }
}

function contextOf(teamId: string): string {
  return `team storage ${teamId}`;
}
