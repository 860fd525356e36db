import { createHash } from 'node:crypto';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import { findNumber } from '../../archive/channel-numbers.ts';
import { senderOf, spokenKinds, type NewMessage } from '../../archive/message.ts';
import { addMentions, findLevels, hasRead, moveMarker } from '../../archive/unread.ts';
import { findAllowed, type Occupant } from '../../teams/access.ts';
import { findChannelById, type Channel } from '../../teams/channels.ts';
import type { Recorded } from '../logger/lane.ts';
import type { Focus } from './focus.ts';
import { mentionedIn } from './mentions.ts';
import { findPreferences } from './preferences.ts';
import type { Pusher } from './pusher.ts';
import { isQuiet } from './quiet.ts';
import type { PushService } from './service.ts';

/** What was said longer ago (the daemon was down) is shown as unread, but wakes nobody. */
const RECENT = 5 * 60_000;
const LONGEST_TEXT = 300;

interface Placed {
  readonly message: NewMessage;
  readonly position: number;
  readonly mentioned: readonly Occupant[];
}

/** From new messages to mentions, read markers and pushes. */
export class Attention {
  readonly #database: Database;
  readonly #pusher: Pusher;
  readonly #focus: Focus;
  readonly #logger: Logger;
  readonly #telling = new Set<Promise<void>>();
  /** Account and channel of pushes that may still be on a screen. */
  readonly #shown = new Set<string>();

  constructor(database: Database, pusher: Pusher, focus: Focus, logger: Logger) {
    this.#logger = logger;
    this.#database = database;
    this.#pusher = pusher;
    this.#focus = focus;
  }

  get service(): PushService {
    return this.#pusher.service;
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
      for (const { accountId } of wanting) this.#tell(accountId, channel, one);
    }
  }

  /** Takes what is read from the account's other screens. */
  async read(accountId: string, channelId: string, upTo: string): Promise<boolean> {
    const isMoved = await moveMarker(this.#database, accountId, channelId, upTo);
    if (isMoved && this.#shown.delete(`${accountId} ${channelId}`)) {
      const payload = { type: 'read', channel: channelId };
      await this.#pusher.push(accountId, { payload, topic: topicOf(channelId), isUrgent: false, isWanted: async () => true });
    }
    return isMoved;
  }

  /** Resolves once every push that was due has been tried. */
  async idle(): Promise<void> {
    await Promise.all(this.#telling);
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#pusher.close();
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
    for (const { accountId, name } of occupants) {
      const id = newest.get(name);
      if (id !== undefined) await this.read(accountId, channel.id, id);
    }
  }

  /** Not awaited: a push service that takes its time must not hold up the archive. */
  #tell(accountId: string, channel: Channel, placed: Placed): void {
    const telling = this.#push(accountId, channel, placed)
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'a push was not sent'))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  async #push(accountId: string, channel: Channel, { message, position, mentioned }: Placed): Promise<void> {
    const preferences = await findPreferences(this.#database, accountId);
    const { quietFrom: from, quietUntil: until, timeZone } = preferences;
    if (this.#focus.has(accountId) || (from && until && isQuiet({ from, until, timeZone }))) return;
    const isMention = mentioned.some((each) => each.accountId === accountId);
    const words = { nick: message.nick, text: [...message.text].slice(0, LONGEST_TEXT).join('') };
    const payload = {
      ...{ type: 'message', kind: isMention ? 'mention' : 'message', channel: channel.id, channelName: channel.name, id: message.id },
      ...(preferences.showsContent ? words : {}),
    };
    const isWanted = async (): Promise<boolean> => !(await hasRead(this.#database, accountId, channel.id, position));
    if (!(await isWanted())) return;
    const reached = await this.#pusher.push(accountId, { payload, topic: topicOf(channel.id), isUrgent: isMention, isWanted });
    if (reached > 0) this.#shown.add(`${accountId} ${channel.id}`);
  }
}

/** Up to 32 characters of base64url (RFC 8030, 5.4), and nothing that tells the push service about the channel. */
function topicOf(channelId: string): string {
  return createHash('sha256').update(channelId).digest('base64url').slice(0, 32);
}
