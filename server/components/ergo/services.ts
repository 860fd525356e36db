import { KosmosError } from '../../foundation/errors.ts';
import { OPERATOR } from './config.ts';
import type { ErgoConnection, Reply } from './connection.ts';

/** What a lasting mode makes of an account in a channel: `v` may enter, `h` may also set the topic and throw out. */
export type Standing = 'v' | 'h';

/** A channel as Ergo holds it. */
export interface ErgoChannel {
  readonly topic: string;
  readonly modes: ReadonlySet<string>;
  /** Lasting modes by account; a letter that control never gives may be among them. */
  readonly standings: ReadonlyMap<string, string>;
  /** Who is in it now; a nick is an account's name. */
  readonly occupants: readonly string[];
}

/** Ergo did not do what it was asked for. Others may still be done, so a list of these is worked off before anything is thrown. */
export class Refusal extends Error {
  constructor(task: string, reply: Reply) {
    super(`${task}: ${reply.text || reply.refused}`);
    this.name = 'Refusal';
  }
}

/** For the supervisor, which tries again later. */
export function refusalError(refusals: readonly Refusal[]): KosmosError {
  const first = refusals.slice(0, 3).map(({ message }) => message);
  const rest = refusals.length > 3 ? [`${refusals.length - 3} more`] : [];
  return new KosmosError('KOSMOS_ERR_COMPONENT_REFUSED', { component: 'ergo', reason: [...first, ...rest].join('; ') });
}

/** Registered accounts, in lower case. */
export async function findErgoAccounts(ergo: ErgoConnection): Promise<Set<string>> {
  return new Set((await listOf(ergo, 'NS')).map((name) => name.toLowerCase()));
}

export async function findSuspended(ergo: ErgoConnection): Promise<Set<string>> {
  const { notices } = await ergo.ask('NS', 'SUSPEND', 'LIST');
  return new Set(notices.flatMap((notice) => /^Account (\S+) suspended/.exec(notice)?.[1]?.toLowerCase() ?? []));
}

/** Registered channels, without `#`. */
export async function findErgoChannels(ergo: ErgoConnection): Promise<Set<string>> {
  return new Set((await listOf(ergo, 'CS')).map((name) => name.replace(/^#/, '')));
}

async function listOf(ergo: ErgoConnection, service: 'NS' | 'CS'): Promise<string[]> {
  const { notices } = await ergo.ask(service, 'LIST');
  return notices.flatMap((notice) => /^ {2,}(\S+)$/.exec(notice)?.[1] ?? []);
}

/** Topics of all channels by address, secret ones too: an operator sees them. */
export async function findTopics(ergo: ErgoConnection, address?: string): Promise<Map<string, string>> {
  const { lines } = await (address === undefined ? ergo.ask('LIST') : ergo.ask('LIST', `#${address}`));
  const rows = lines.filter(({ command }) => command === '322');
  return new Map(rows.map(({ parameters }) => [parameters[1]?.replace(/^#/, '') ?? '', parameters.at(-1) ?? '']));
}

export async function readChannel(ergo: ErgoConnection, address: string, topic: string): Promise<ErgoChannel> {
  const name = `#${address}`;
  const [modes, standings, names] = await Promise.all([ergo.ask('MODE', name), ergo.ask('CS', 'AMODE', name), ergo.ask('NAMES', name)]);
  const letters = modes.lines.find(({ command }) => command === '324')?.parameters[2] ?? '';
  const rows = standings.notices.flatMap((notice) => {
    const [, account, mode] = /^Account (\S+) receives mode \+(\w)/.exec(notice) ?? [];
    return account && mode ? [[account, mode] as const] : [];
  });
  const nicks = names.lines.filter(({ command }) => command === '353').flatMap(({ parameters }) => parameters.at(-1)?.split(' ') ?? []);
  return {
    topic,
    modes: new Set(letters.replace(/^\+/, '')),
    standings: new Map(rows),
    occupants: nicks.map((nick) => nick.replace(/^[~&@%+]+/, '').toLowerCase()).filter(Boolean),
  };
}

/** Makes the account, without a password of Ergo's own, where it is missing. A name whose owner unregistered it is freed first. */
export async function ensureErgoAccount(ergo: ErgoConnection, name: string): Promise<void> {
  const { text } = await ergo.ask('NS', 'INFO', name);
  if (text.startsWith('Account: ')) return;
  if (text.startsWith('Name reserved')) await confirmed(ergo, ['NS', 'ERASE', name]);
  const reply = await ergo.ask('NS', 'SAREGISTER', name);
  if (!reply.text.startsWith('Successfully registered')) throw new Refusal(`account ${name}`, reply);
}

/** Ends every session of the account, and lets none in. */
export async function suspend(ergo: ErgoConnection, name: string): Promise<void> {
  const reply = await ergo.ask('NS', 'SUSPEND', 'ADD', name, 'Account disabled');
  if (!/^Successfully/.test(reply.text)) throw new Refusal(`suspension of ${name}`, reply);
}

export async function unsuspend(ergo: ErgoConnection, name: string): Promise<void> {
  const reply = await ergo.ask('NS', 'SUSPEND', 'DEL', name);
  if (!/^(Successfully|Account was not suspended)/.test(reply.text)) throw new Refusal(`end of the suspension of ${name}`, reply);
}

/** Ends every session of the account; who is not connected is left alone. */
export async function disconnect(ergo: ErgoConnection, name: string, reason: string): Promise<void> {
  const reply = await ergo.ask('KILL', name, reason);
  if (reply.refused && reply.refused !== '401') throw new Refusal(`disconnection of ${name}`, reply);
}

/** Whether a channel that people can see is also registered: an operator's SAJOIN makes one that is not. */
export async function isRegistered(ergo: ErgoConnection, address: string): Promise<boolean> {
  const { text } = await ergo.ask('CS', 'INFO', `#${address}`);
  return text.startsWith(`Channel #${address} is registered`);
}

/**
 * Registers a channel, founded by control, which leaves at once: what it does there needs no presence. If somebody made the channel
 * a moment ago (the daemon that follows the same events), control has to take the right to register it.
 */
export async function registerChannel(ergo: ErgoConnection, address: string): Promise<void> {
  const name = `#${address}`;
  const [joined, , reply] = await Promise.all([
    ergo.ask('JOIN', name),
    ergo.ask('SAMODE', name, '+o', OPERATOR),
    ergo.ask('CS', 'REGISTER', name),
    ergo.ask('PART', name),
  ]);
  if (joined.refused) throw new Refusal(`channel ${name}`, joined);
  if (!/successfully registered|already registered/.test(reply.text)) throw new Refusal(`channel ${name}`, reply);
}

/** Everybody is put out, then the channel and its history are gone. */
export async function removeErgoChannel(ergo: ErgoConnection, address: string): Promise<void> {
  const name = `#${address}`;
  await ergo.ask('CS', 'CLEAR', name, 'users');
  const reply = await confirmed(ergo, ['CS', 'UNREGISTER', name]);
  if (!/is now unregistered|No such channel|not registered/.test(reply.text)) throw new Refusal(`removal of ${name}`, reply);
}

/** Ergo takes a topic only from inside. */
export async function setTopic(ergo: ErgoConnection, address: string, topic: string): Promise<void> {
  const name = `#${address}`;
  const [, reply] = await Promise.all([ergo.ask('JOIN', name), ergo.ask('TOPIC', name, topic), ergo.ask('PART', name)]);
  if (reply.refused) throw new Refusal(`topic of ${name}`, reply);
}

/** `change` as in `+i-s`. */
export async function setModes(ergo: ErgoConnection, address: string, change: string): Promise<void> {
  const reply = await ergo.ask('SAMODE', `#${address}`, change);
  if (reply.refused) throw new Refusal(`modes ${change} of #${address}`, reply);
}

/**
 * Gives or takes a lasting mode, and the same mode of who is inside. The database may be newer than the event that is dealt with: for
 * a channel or an account that is not there yet, its own event is still to come.
 */
export async function setStanding(ergo: ErgoConnection, address: string, change: string, account: string): Promise<void> {
  const reply = await ergo.ask('CS', 'AMODE', `#${address}`, change, account);
  if (!/^(Successfully|No changes|Channel does not exist|Account does not exist)/.test(reply.text)) {
    throw new Refusal(`mode ${change} of ${account} in #${address}`, reply);
  }
}

/** Who is not inside is left alone. */
export async function kick(ergo: ErgoConnection, address: string, account: string): Promise<void> {
  const reply = await ergo.ask('KICK', `#${address}`, account, 'You are no longer a member of this channel');
  if (reply.refused && !['401', '403', '441'].includes(reply.refused)) throw new Refusal(`removal of ${account} from #${address}`, reply);
}

/** Services ask for a code before they destroy something; it is the last word of what they say. */
async function confirmed(ergo: ErgoConnection, [service, command, subject]: readonly [string, string, string]): Promise<Reply> {
  const first = await ergo.ask(service, command, subject);
  const code = first.notices.join('\n').match(/To confirm, run this command: \S+ \S+ .* (\S+)$/m)?.[1];
  return code === undefined ? first : ergo.ask(service, command, subject, code);
}
