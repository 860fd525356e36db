import type { ApplianceEvent } from '../../foundation/events.ts';
import { loadKey } from '../../foundation/secrets.ts';
import { findAccount } from '../../identity/accounts.ts';
import { Tokens } from '../../identity/tokens.ts';
import { findChannelById, findChannelsOnServer, type Channel } from '../../teams/channels.ts';
import type { Appliance, LiveSession, Provisioner } from '../component.ts';
import { OPERATOR, operatorPassword } from './config.ts';
import { ErgoConnection } from './connection.ts';
import { disconnect, Refusal, refusalError, removeErgoChannel } from './services.ts';
import { findErgoSessions } from './sessions.ts';
import { synchroniseAccount, synchroniseAll, synchroniseOne } from './synchronise.ts';
import { wantedChannel } from './wanted.ts';

type Task = (ergo: ErgoConnection) => Promise<void>;

/** A session stays open for the next event of a burst, and no longer: one that is not used may be dead. */
const IDLE = 5_000;
const LONGEST_REPEAT = 20_000;
/** Ergo lets a token in that was minted before its account was suspended (2.15 looks at suspensions for passwords only). */
const LAST_TOKEN_EXPIRES = 61_000;

/** Keeps Ergo's accounts, channels and lasting modes as the database says, by commands of an operator. */
export class ErgoProvisioner implements Provisioner {
  readonly #appliance: Appliance;
  #connection: ErgoConnection | undefined;
  #idle: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #repeats = new Set<NodeJS.Timeout>();
  readonly #lastTokenExpires: number;

  constructor(appliance: Appliance, lastTokenExpires = LAST_TOKEN_EXPIRES) {
    this.#appliance = appliance;
    this.#lastTokenExpires = lastTokenExpires;
  }

  async reconcile(signal: AbortSignal): Promise<void> {
    await this.#run((ergo) => synchroniseAll(ergo, this.#appliance.database), signal);
  }

  async apply(event: ApplianceEvent, signal: AbortSignal): Promise<void> {
    const task = await this.#plan(event);
    if (task) await this.#run(task, signal);
    if (event.type === 'account-disabled') this.#suspendAgain(event.name);
  }

  async listSessions(signal: AbortSignal): Promise<LiveSession[]> {
    let found: LiveSession[] = [];
    await this.#run(async (ergo) => void (found = await findErgoSessions(ergo, this.#appliance.topology.ergo.port)), signal);
    return found;
  }

  async close(): Promise<void> {
    for (const timer of this.#repeats) clearTimeout(timer);
    this.#repeats.clear();
    this.#disconnect();
  }

  #disconnect(): void {
    clearTimeout(this.#idle);
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Ends what a last token opened. If Ergo is away, so are the sessions. */
  #suspendAgain(name: string): void {
    const repeat = async (): Promise<void> => {
      this.#repeats.delete(timer);
      const task = await this.#account(name, []);
      if (task) await this.#run(task, AbortSignal.timeout(LONGEST_REPEAT));
    };
    const warn = (error: unknown): void => this.#appliance.logger.warn({ err: error, name }, 'sessions could not be ended again');
    const timer = setTimeout(() => void repeat().catch(warn), this.#lastTokenExpires).unref();
    this.#repeats.add(timer);
  }

  /** One at a time. */
  #run(task: Task, signal: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#runNow(task, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #runNow(task: Task, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const ergo = await this.#connect(signal);
    const abort = (): void => ergo.close(new Error('it took too long'));
    signal.addEventListener('abort', abort);
    try {
      await task(ergo);
    } catch (error) {
      throw error instanceof Refusal ? refusalError([error]) : error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#idle = setTimeout(() => this.#disconnect(), IDLE).unref();
    }
  }

  async #connect(signal: AbortSignal): Promise<ErgoConnection> {
    clearTimeout(this.#idle);
    if (this.#connection?.isOpen) return this.#connection;
    const { settings, topology } = this.#appliance;
    const { token } = await new Tokens(loadKey(settings.dataFolder, 'jwt')).mint(OPERATOR, 'ergo');
    const operator = { address: topology.ergo, name: OPERATOR, token, password: operatorPassword(settings) };
    this.#connection = await ErgoConnection.open(operator, signal);
    return this.#connection;
  }

  /** What an event asks of Ergo; undefined where nothing is. */
  async #plan(event: ApplianceEvent): Promise<Task | undefined> {
    switch (event.type) {
      case 'account-created':
        return this.#account(event.name, []);
      case 'account-disabled':
      case 'account-enabled':
        return this.#account(event.name, await this.#channels());
      case 'password-changed':
        return (ergo) => disconnect(ergo, event.name, 'Your password was changed: log in again');
      case 'sessions-ended':
        return (ergo) => disconnect(ergo, event.name, 'Your sessions were ended: log in again');
      case 'member-added':
      case 'member-changed':
      case 'member-removed':
        return this.#membership(
          event.name,
          (await this.#channels()).filter(({ teamId }) => teamId === event.team),
        );
      case 'channel-member-added':
      case 'channel-member-removed':
        return this.#membership(
          event.name,
          (await this.#channels()).filter(({ id }) => id === event.channel),
        );
      case 'team-created':
        return (ergo) => synchroniseAll(ergo, this.#appliance.database);
      case 'channel-created':
      case 'channel-changed':
      case 'channel-renamed':
        return this.#channel(event.channel);
      case 'channel-removed':
        return event.home === 'irc' ? this.#removal(event.address) : undefined;
      default:
        return undefined;
    }
  }

  #channels(): Promise<Channel[]> {
    return findChannelsOnServer(this.#appliance.database, 'irc');
  }

  async #account(name: string, channels: readonly Channel[]): Promise<Task | undefined> {
    const { database } = this.#appliance;
    const account = await findAccount(database, name);
    return account && ((ergo) => synchroniseAccount(ergo, database, account, channels));
  }

  async #membership(name: string, channels: readonly Channel[]): Promise<Task | undefined> {
    return channels.length > 0 ? this.#account(name, channels) : undefined;
  }

  async #channel(id: string): Promise<Task | undefined> {
    const { database } = this.#appliance;
    const channel = await findChannelById(database, id);
    if (channel?.home !== 'irc') return undefined;
    if (channel.isArchived) return this.#removal(channel.address);
    const wanted = await wantedChannel(database, channel);
    return (ergo) => synchroniseOne(ergo, wanted);
  }

  /** The address may be another channel's by now. */
  async #removal(address: string): Promise<Task | undefined> {
    const taken = (await this.#channels()).some((channel) => channel.address === address);
    return taken ? undefined : (ergo) => removeErgoChannel(ergo, address);
  }
}
