import type { Queries } from '../../database/database.ts';
import { findAccounts, type Account } from '../../identity/accounts.ts';
import { findChannelsOnServer, type Channel } from '../../teams/channels.ts';
import { BOT, OPERATOR } from './config.ts';

/** What Ergo has without the database: these are nobody's to suspend or to put out. */
const own = new Set([BOT, OPERATOR]);

import type { ErgoConnection } from './connection.ts';
import * as services from './services.ts';
import { Refusal, refusalError, type ErgoChannel } from './services.ts';
import { wantedChannel, wantedStandings, type WantedChannel } from './wanted.ts';

/** Makes all of Ergo hold what the database says. Does what it can; then throws KOSMOS_ERR_COMPONENT_REFUSED for the rest. */
export async function synchroniseAll(ergo: ErgoConnection, queries: Queries): Promise<void> {
  const accounts = await findAccounts(queries);
  const channels = await findChannelsOnServer(queries, 'irc');
  const wanted = await Promise.all(channels.map((channel) => wantedChannel(queries, channel)));
  const [known, suspended, addresses] = await Promise.all([
    services.findErgoAccounts(ergo),
    services.findSuspended(ergo),
    services.findErgoChannels(ergo),
  ]);
  const work = new Work();
  const missing = [BOT, ...accounts.map(({ name }) => name)].filter((name) => !known.has(name));
  await work.do([...new Set(missing)].map((name) => services.ensureErgoAccount(ergo, name)));
  await work.do(suspensions(ergo, accounts, known, suspended));
  const strangers = [...addresses].filter((address) => !wanted.some((channel) => channel.address === address));
  await work.do(strangers.map((address) => services.removeErgoChannel(ergo, address)));
  const unregistered = wanted.filter(({ address }) => !addresses.has(address));
  await work.do(unregistered.map(({ address }) => services.registerChannel(ergo, address)));
  const topics = await services.findTopics(ergo);
  await work.do(wanted.map((channel) => synchroniseChannel(ergo, channel, topics.get(channel.address) ?? '')));
  work.end();
}

/** One channel, made if it is missing. */
export async function synchroniseOne(ergo: ErgoConnection, channel: WantedChannel): Promise<void> {
  const [topics] = await Promise.all([services.findTopics(ergo, channel.address), services.ensureErgoAccount(ergo, BOT)]);
  if (!(await services.isRegistered(ergo, channel.address))) await services.registerChannel(ergo, channel.address);
  await synchroniseChannel(ergo, channel, topics.get(channel.address) ?? '');
}

/** The account itself, and whether it may log in; `channels` are those where its standing may have changed. */
export async function synchroniseAccount(
  ergo: ErgoConnection,
  queries: Queries,
  account: Account,
  channels: readonly Channel[],
): Promise<void> {
  if (own.has(account.name)) return;
  await services.ensureErgoAccount(ergo, account.name);
  if (account.disabledAt) await services.suspend(ergo, account.name);
  const standings = await wantedStandings(queries, account);
  const work = new Work();
  await work.do(
    channels.map(({ id, address }) => {
      const standing = standings.get(id);
      return standing ? raise(ergo, address, account.name, standing, standing === 'v' ? 'h' : 'v') : expel(ergo, address, account.name);
    }),
  );
  if (!account.disabledAt) await services.unsuspend(ergo, account.name);
  work.end();
}

function suspensions(
  ergo: ErgoConnection,
  accounts: readonly Account[],
  known: ReadonlySet<string>,
  suspended: ReadonlySet<string>,
): Promise<void>[] {
  const barred = new Set(accounts.filter(({ disabledAt }) => disabledAt).map(({ name }) => name));
  const names = new Set(accounts.map(({ name }) => name));
  for (const name of known) if (!names.has(name)) barred.add(name);
  for (const name of own) barred.delete(name);
  return [
    ...[...barred].map((name) =>
      suspended.has(name) ? services.disconnect(ergo, name, 'Account disabled') : services.suspend(ergo, name),
    ),
    ...[...suspended].filter((name) => !barred.has(name)).map((name) => services.unsuspend(ergo, name)),
  ];
}

async function synchroniseChannel(ergo: ErgoConnection, wanted: WantedChannel, topic: string): Promise<void> {
  const actual = await services.readChannel(ergo, wanted.address, topic);
  const { address, standings } = wanted;
  const work = new Work();
  const strangers = [...actual.standings].filter(([account]) => !own.has(account) && !standings.has(account));
  const intruders = actual.occupants.filter((account) => !own.has(account) && !standings.has(account));
  await work.do([
    ...modeChange(ergo, wanted, actual),
    ...strangers.map(([account, mode]) => services.setStanding(ergo, address, `-${mode}`, account)),
    ...intruders.map((account) => services.kick(ergo, address, account)),
    ...[...standings]
      .filter(([account, standing]) => actual.standings.get(account) !== standing)
      .map(([account, standing]) => raise(ergo, address, account, standing, actual.standings.get(account) ?? '')),
    ...(sameTopic(wanted.topic, actual.topic) ? [] : [services.setTopic(ergo, address, wanted.topic)]),
  ]);
  work.end();
}

function modeChange(ergo: ErgoConnection, wanted: WantedChannel, actual: ErgoChannel): Promise<void>[] {
  const on = wanted.modes.filter((mode) => !actual.modes.has(mode)).join('');
  const off = wanted.withoutModes.filter((mode) => actual.modes.has(mode)).join('');
  const change = `${on && `+${on}`}${off && `-${off}`}`;
  return change ? [services.setModes(ergo, wanted.address, change)] : [];
}

/** `before` are the modes it may have had: one that is only replaced would stay with who is inside. */
async function raise(ergo: ErgoConnection, address: string, account: string, standing: services.Standing, before: string): Promise<void> {
  const changes = [...[...before].map((mode) => `-${mode}`), `+${standing}`];
  await Promise.all(changes.map((change) => services.setStanding(ergo, address, change, account)));
}

async function expel(ergo: ErgoConnection, address: string, account: string): Promise<void> {
  await Promise.all([
    ...['-v', '-h'].map((change) => services.setStanding(ergo, address, change, account)),
    services.kick(ergo, address, account),
  ]);
}

/** In a long line LIST cuts a topic off. */
function sameTopic(wanted: string, listed: string): boolean {
  const whole = listed.replace(/\uFFFD+$/, '');
  return wanted === listed || (whole.length > 50 && wanted.startsWith(whole));
}

/** Keeps going over refusals, and throws them together in the end. */
class Work {
  readonly #refusals: Refusal[] = [];

  async do(tasks: readonly Promise<void>[]): Promise<void> {
    const outcomes = await Promise.allSettled(tasks);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      if (outcome.reason instanceof Refusal) this.#refusals.push(outcome.reason);
      else throw outcome.reason;
    }
  }

  end(): void {
    if (this.#refusals.length > 0) throw refusalError(this.#refusals);
  }
}
