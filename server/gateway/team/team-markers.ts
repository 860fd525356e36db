import { setTimeout as wait } from 'node:timers/promises';
import type { ControlClient } from '../../foundation/control-client.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Outbox } from '../../database/events.ts';
import type { Home } from '../../database/schema.ts';
import { hasMessage, isTime, moveMarker } from '../../archive/unread.ts';
import { findAccount } from '../../identity/accounts.ts';
import { findReadableChannel } from '../../teams/access.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import type { AccountRef } from './team-side.ts';

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
  readonly #control: ControlClient;
  readonly #logger: Logger;
  /** The newest of each account and channel. */
  readonly #waiting = new Map<string, Noted>();
  #isBusy = false;

  constructor(outbox: Outbox, control: ControlClient, logger: Logger) {
    this.#outbox = outbox;
    this.#control = control;
    this.#logger = logger;
  }

  note(account: AccountRef, home: Home, { target, object }: Activity): void {
    const address = addressOf(home, target);
    const upTo = [object?.['published'], object?.id].find((value): value is string => typeof value === 'string');
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

  async #move({ account, home, address, upTo }: Noted): Promise<void> {
    const { database } = this.#outbox;
    const reader = await findAccount(database, account.name);
    const channel = reader && (await findReadableChannel(database, reader, home, address));
    if (!reader || !channel) return;
    if (!isTime(upTo))
      for (let look = 0; look < LOOKS && !(await hasMessage(database, channel.id, upTo)); look += 1) await wait(LOOK_EVERY);
    const moved = await this.#outbox.change((change) => moveMarker(change, reader, channel, upTo));
    if (moved) await this.#control.request({ method: 'POST', path: '/internal/events/wake' });
  }
}

/** `#general` on IRC, the localpart on XMPP. */
function addressOf(home: Home, target: ActivityObject | undefined): string {
  const { id = '', name = id } = target ?? {};
  return (home === 'irc' ? name.replace(/^#/, '') : id.slice(0, id.indexOf('@'))).toLowerCase();
}
