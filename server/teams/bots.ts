import { newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import type { Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Role } from '../database/schema.ts';
import { createAccount, createKeys, disableAccount, getAccount, type Account } from '../identity/accounts.ts';
import { normaliseName } from '../identity/names.ts';
import type { ScramKeys } from '../identity/scram.ts';
import { joinTeam } from './access.ts';
import { findMembers, removeMember, type Member } from './members.ts';
import type { Team } from './teams.ts';

/** A program's own account: an account like a person's, of one team, with a password that was made for it. */
export interface NewBot {
  readonly name: string;
  readonly displayName?: string | undefined;
  /** A guest is in the channels alone that somebody opens to it. */
  readonly role: 'member' | 'guest';
}

const MOST_BOTS = 50;

/** What opens a bot's account. Only its keys are kept, so it is shown this once. Throws the errors of `createKeys`. */
export async function makeBotPassword(name: string): Promise<{ password: string; keys: ScramKeys[] }> {
  const password = newToken();
  return { password, keys: await createKeys(name, password) };
}

/** Throws KOSMOS_ERR_BOT_LIMIT and what `createAccount` throws. */
export async function createBot(change: Change, team: Team, { role, ...wanted }: NewBot, keys: readonly ScramKeys[]): Promise<Account> {
  if ((await findBots(change.queries, team)).length >= MOST_BOTS) throw new KosmosError('KOSMOS_ERR_BOT_LIMIT', { limit: MOST_BOTS });
  const account = await createAccount(change, { ...wanted, isBot: true }, keys);
  await joinTeam(change, team, account, role);
  return account;
}

export async function findBots(queries: Queries, team: Team): Promise<Member[]> {
  return (await findMembers(queries, team)).filter(({ isBot }) => isBot);
}

/** Throws KOSMOS_ERR_BOT_NOT_FOUND. */
export async function getBot(queries: Queries, team: Team, name: string): Promise<{ member: Member; account: Account }> {
  const member = (await findBots(queries, team)).find((bot) => bot.name === normaliseName(name));
  if (!member) throw new KosmosError('KOSMOS_ERR_BOT_NOT_FOUND', { name: name.slice(0, 40) });
  return { member, account: await getAccount(queries, member.name) };
}

/** Out of the team, and out of every server: what a bot has said stays, and its name is not given to anybody else. */
export async function removeBot(change: Change, team: Team, { member, account }: { member: Member; account: Account }): Promise<void> {
  await removeMember(change, team, member);
  await disableAccount(change, account);
}

/** Before a team goes: its programs have nothing left to do. */
export async function disableBots(change: Change, team: Team): Promise<void> {
  for (const { name } of await findBots(change.queries, team)) await disableAccount(change, await getAccount(change.queries, name));
}

/** Bots run nothing, since nobody could ask them for a second factor, and get their passwords from their team. Throws KOSMOS_ERR_BOT_ACCOUNT. */
export function checkPerson({ isBot, name }: Pick<Member, 'isBot' | 'name'>): void {
  if (isBot) throw new KosmosError('KOSMOS_ERR_BOT_ACCOUNT', { name });
}

/** Throws KOSMOS_ERR_BOT_ACCOUNT. */
export function checkBotRole(member: Pick<Member, 'isBot' | 'name'>, role: Role): void {
  if (role !== 'member' && role !== 'guest') checkPerson(member);
}
