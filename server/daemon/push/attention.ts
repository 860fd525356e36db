import type { ApplianceEvent } from '../../foundation/events.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import type { Change, Outbox } from '../../database/events.ts';
import { findNumber } from '../../archive/channel-numbers.ts';
import { senderOf, spokenKinds, type NewMessage } from '../../archive/message.ts';
import { addMentions, countMentions, findLevels, hasRead, moveMarker } from '../../archive/unread.ts';
import { findAllowed, type Occupant } from '../../teams/access.ts';
import { findChannelById, type Channel } from '../../teams/channels.ts';
import type { Recorded } from '../logger/lane.ts';
import type { Herald, Heralded } from './herald.ts';
import { mentionedIn } from './mentions.ts';
import type { PushService } from './service.ts';

/** What was said longer ago (the daemon was down) is shown as unread, but wakes nobody. */
const RECENT = 5 * 60_000;
/** Direct messages that were told of: several sessions of one account may each tell of the same. */
const MOST_KNOWN = 5_000;

interface Placed {
  readonly message: NewMessage;
  readonly position: number;
  readonly mentioned: readonly Occupant[];
}

/** A direct message that somebody got who is not looking, as the gateway tells of it. */
export interface DirectMessage {
  readonly accountId: string;
  /** Tells it from every other of that conversation. */
  readonly id: string;
  readonly conversation: string;
  readonly from: string;
  readonly text: string;
  readonly at: string;
  /** Slug of the team in whose space the web client shows it. */
  readonly team?: string | undefined;
}

/** From new messages to mentions, read markers and pushes. */
export class Attention {
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #herald: Herald;
  readonly #logger: Logger;
  readonly #telling = new Set<Promise<unknown>>();
  /** Oldest first. */
  readonly #known = new Set<string>();

  constructor(outbox: Outbox, herald: Herald, logger: Logger) {
    this.#logger = logger;
    this.#outbox = outbox;
    this.#database = outbox.database;
    this.#herald = herald;
  }

  get service(): PushService {
    return this.#herald.service;
  }

  async take({ channelId, messages }: Recorded): Promise<void> {
    const spoken = messages.filter(({ kind }) => (spokenKinds as readonly string[]).includes(kind));
    const channel = spoken.length > 0 ? await findChannelById(this.#database, channelId) : undefined;
    if (!channel) return;
    const occupants = await findAllowed(this.#database, channel);
    const placed = await this.#place(channel, spoken, occupants);
    await addMentions(
      this.#database,
      channelId,
      placed.flatMap(({ position, mentioned }) => mentioned.map(({ accountId }) => ({ accountId, position }))),
    );
    await this.#markOwn(channel, spoken, occupants);
    const levels = await findLevels(this.#database, channelId);
    for (const one of placed.filter(({ message }) => Date.now() - Date.parse(message.sentAt) < RECENT)) {
      const wanting = occupants.filter(({ accountId, name }) => {
        const level = levels.get(accountId) ?? 'mentions';
        return (
          name !== senderOf(one.message) &&
          (level === 'all' || (level === 'mentions' && one.mentioned.some((each) => each.accountId === accountId)))
        );
      });
      const team = wanting.length > 0 ? await this.#slugOf(channel) : '';
      for (const { accountId } of wanting) this.#begin(this.#tell(accountId, { ...channel, team }, one));
    }
  }

  /** What is read on one screen goes from the others, wherever the marker was moved. */
  async apply(event: ApplianceEvent): Promise<void> {
    if (event.type === 'marker-moved') this.#begin(this.#withdraw(event.account, event.channel));
  }

  /** Where a mention after the marker is left, the push still says something true. */
  async #withdraw(accountId: string, channelId: string): Promise<void> {
    if ((await countMentions(this.#database, accountId, channelId)) === 0) await this.#herald.withdraw(accountId, channelId);
  }

  /** Resolves once the push services have answered; rejects never. A message that was told of before is not told again. */
  async takeDirect(message: DirectMessage): Promise<Heralded | 'known' | 'old' | 'failed'> {
    const { accountId, conversation, id, from, text, at, team } = message;
    const key = JSON.stringify([accountId, conversation, id]);
    if (this.#known.has(key)) return 'known';
    this.#known.add(key);
    for (const oldest of this.#known) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    if (Date.now() - Date.parse(at) >= RECENT) return 'old';
    const telling = this.#herald.tell({
      ...{ accountId, conversation, isUrgent: true, isWanted: async () => true },
      ...{ about: { kind: 'direct', conversation, id, ...(team ? { team } : {}) }, words: { nick: from, text } },
    });
    this.#begin(telling);
    return telling.catch(() => 'failed' as const);
  }

  readDirect(accountId: string, conversation: string): Promise<boolean> {
    return this.#herald.withdraw(accountId, conversation);
  }

  /** Resolves once every push that was due has been tried. */
  async idle(): Promise<void> {
    await Promise.all(this.#telling);
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#herald.close();
  }

  async #place(channel: Channel, messages: readonly NewMessage[], occupants: readonly Occupant[]): Promise<Placed[]> {
    const number = (await findNumber(this.#database, channel.id)) ?? -1;
    const ids = messages.flatMap(({ id, replyTo }) => (replyTo ? [id, replyTo] : [id]));
    const rows = await this.#database
      .selectFrom('messages')
      .select(['server_id', 'position', 'sender'])
      .where('channel', '=', number)
      .where('server_id', 'in', ids)
      .execute();
    const known = new Map(rows.map((row) => [row.server_id, row]));
    return messages.flatMap((message) => {
      const row = known.get(message.id);
      const answered = known.get(message.replyTo ?? '')?.sender;
      const byName = mentionedIn(message, occupants);
      const byReply = occupants.filter(
        ({ name }) => name === answered && name !== senderOf(message) && !byName.some((each) => each.name === name),
      );
      return row ? [{ message, position: row.position, mentioned: [...byName, ...byReply] }] : [];
    });
  }

  /** Who speaks has read what stood there. */
  async #markOwn(channel: Channel, messages: readonly NewMessage[], occupants: readonly Occupant[]): Promise<void> {
    const newest = new Map(messages.map((message) => [senderOf(message), message.id]));
    const speakers = occupants.filter(({ name }) => newest.has(name));
    if (speakers.length === 0) return;
    const move = async (change: Change): Promise<void> => {
      for (const { accountId: id, name } of speakers) await moveMarker(change, { id, name }, channel, newest.get(name) ?? '');
    };
    await this.#outbox.change(move);
  }

  async #slugOf({ teamId }: Channel): Promise<string> {
    return (await this.#database.selectFrom('teams').select('slug').where('id', '=', teamId).executeTakeFirstOrThrow()).slug;
  }

  async #tell(accountId: string, channel: Channel & { team: string }, { message, position, mentioned }: Placed): Promise<void> {
    const isMention = mentioned.some((each) => each.accountId === accountId);
    const kind = isMention ? 'mention' : 'message';
    await this.#herald.tell({
      ...{ accountId, conversation: channel.id, isUrgent: isMention, words: { nick: message.nick, text: message.text } },
      about: { kind, conversation: channel.id, channel: channel.id, channelName: channel.name, team: channel.team, id: message.id },
      isWanted: async () => !(await hasRead(this.#database, accountId, channel.id, position)),
    });
  }

  /** Not awaited: a push service that takes its time must not hold up the archive. */
  #begin(work: Promise<unknown>): void {
    const telling = work
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'a push was not sent'))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }
}
