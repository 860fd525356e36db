import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../foundation/logging.ts';
import type { Outbox } from '../../database/events.ts';
import type { Home } from '../../database/schema.ts';
import { findMarker, hasMessage, isTime, moveMarker } from '../../archive/unread.ts';
import { findAccount, type Account } from '../../identity/accounts.ts';
import { findReadableChannel } from '../../teams/access.ts';
import type { Channel } from '../../teams/channels.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import type { AccountRef } from './team-side.ts';

interface Place {
  readonly reader: Account;
  readonly channel: Channel;
}

interface Noted {
  readonly account: AccountRef;
  readonly home: Home;
  readonly address: string;
  readonly upTo: string;
}

const MOST_WAITING = 2_000;
/** The logger stores a message a moment after its readers saw it. */
const LOOKS = 10;
const LOOK_EVERY = 200;

/** Carries what members read on the team's servers, with whatever client, to the appliance's own markers. */
export class TeamMarkers {
  readonly #outbox: Outbox;
  readonly #logger: Logger;
  /** The newest of each account and channel. */
  readonly #waiting = new Map<string, Noted>();
  #isBusy = false;

  constructor(outbox: Outbox, logger: Logger) {
    this.#outbox = outbox;
    this.#logger = logger;
  }

  note(account: AccountRef, home: Home, { target, object }: Activity): void {
    const address = addressOf(home, target);
    const upTo = markIn(home, object);
    const key = `${account.id}\n${home}\n${address}`;
    if (upTo === undefined || (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(key))) return;
    this.#waiting.set(key, { account, home, address, upTo });
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (const [key, noted] of this.#waiting) {
      this.#waiting.delete(key);
      await this.#move(noted).catch((error: unknown) => this.#logger.error({ err: error }, 'a read marker could not be moved'));
    }
    this.#isBusy = false;
  }

  /**
   * A channel was entered: its server and the appliance may each have been told of more while no session was there, and the newer
   * holds. Resolves with the appliance's marker if the server is behind.
   */
  async settle(account: AccountRef, home: Home, { target, object }: Activity): Promise<ActivityObject | undefined> {
    const place = await this.#find(account, home, addressOf(home, target));
    if (!place) return undefined;
    const { database } = this.#outbox;
    const told = markIn(home, object?.['marker'] as ActivityObject | undefined);
    const before = await findMarker(database, place.reader, place.channel.id);
    if (told !== undefined && !isAt(before, told) && !(await this.#moveTo(place, told))) return undefined;
    const own = await findMarker(database, place.reader, place.channel.id);
    return !own || isAt(own, told) ? undefined : { type: 'marker', id: own.id, published: own.sentAt };
  }

  async #move({ account, home, address, upTo }: Noted): Promise<void> {
    const place = await this.#find(account, home, address);
    if (place) await this.#moveTo(place, upTo);
  }

  async #find({ name }: AccountRef, home: Home, address: string): Promise<Place | undefined> {
    const { database } = this.#outbox;
    const reader = await findAccount(database, name);
    const channel = reader && (await findReadableChannel(database, reader, home, address));
    return reader && channel && { reader, channel };
  }

  /** False if the archive has no such message. */
  async #moveTo({ reader, channel }: Place, upTo: string): Promise<boolean> {
    const { database } = this.#outbox;
    const isThere = async (): Promise<boolean> => isTime(upTo) || (await hasMessage(database, channel.id, upTo));
    for (let look = 0; look < LOOKS && !(await isThere()); look += 1) await wait(LOOK_EVERY);
    await this.#outbox.change((change) => moveMarker(change, reader, channel, upTo));
    return isThere();
  }
}

/** Where a marker stands: IRC says a time; XMPP a message, whose time each client has by its own clock. */
function markIn(home: Home, marker: ActivityObject | undefined): string | undefined {
  const marks = [marker?.['published'], marker?.id];
  return (home === 'irc' ? marks : marks.toReversed()).find((value): value is string => typeof value === 'string');
}

/** Whether the server's marker covers the appliance's. */
function isAt(own: { id: string; sentAt: string } | undefined, told: string | undefined): boolean {
  if (told === undefined || !own) return false;
  return isTime(told) ? own.sentAt <= told : own.id === told;
}

/** `#general` on IRC, the localpart on XMPP. */
function addressOf(home: Home, target: ActivityObject | undefined): string {
  const { id = '', name = id } = target ?? {};
  return (home === 'irc' ? name.replace(/^#/, '') : id.slice(0, id.indexOf('@'))).toLowerCase();
}
