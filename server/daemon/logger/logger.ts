import type { ControlClient } from '../../foundation/control-client.ts';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { ApplianceEvent } from '../../foundation/events.ts';
import type { Logger } from '../../foundation/logging.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import type { Settings } from '../../foundation/settings.ts';
import { topologyOf } from '../../foundation/topology.ts';
import { BOT_NAME } from '../../identity/names.ts';
import type { Database } from '../../database/database.ts';
import type { Home as HomeName } from '../../database/schema.ts';
import { findNumber, purgeChannel } from '../../archive/channel-numbers.ts';
import { findChannelsOnServer, type Channel } from '../../teams/channels.ts';
import { type Home, type HomeContext, type Utterance } from './home.ts';
import { IrcHome } from './irc/irc-home.ts';
import { Lane, type Recorded } from './lane.ts';
import { XmppHome } from './xmpp/xmpp-home.ts';

export interface LoggerParts {
  readonly settings: Settings;
  readonly database: Database;
  readonly control: ControlClient;
  readonly logger: Logger;
  readonly domain: string;
  /** Told of all that is new in the archive, in the order of each channel. */
  readonly onRecorded: (recorded: Recorded) => Promise<void>;
}

const channelEvents = new Set(['channel-created', 'channel-changed', 'channel-renamed', 'channel-removed']);

/** The bot on both servers: what is said in team channels goes into the archive. A server without channels is not connected to. */
export class ChannelLogger {
  readonly #parts: LoggerParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #homes = new Map<HomeName, Home>();

  constructor(parts: LoggerParts) {
    this.#parts = parts;
  }

  /** Reads from the database where the bot has to be. */
  async refresh(): Promise<void> {
    for (const name of ['irc', 'xmpp'] as const) {
      const channels = await findChannelsOnServer(this.#parts.database, name);
      if (channels.length > 0 && !this.#homes.has(name)) this.#homes.set(name, this.#open(name));
      this.#homes.get(name)?.setChannels(channels);
    }
  }

  async apply(event: ApplianceEvent): Promise<void> {
    if (channelEvents.has(event.type)) await this.refresh();
    if (event.type !== 'channel-removed') return;
    await this.#lanes.get(event.channel)?.idle();
    this.#lanes.delete(event.channel);
    await purgeChannel(this.#parts.database, event.channel);
  }

  /** Throws KOSMOS_ERR_CHANNEL_UNREACHABLE. */
  async say(channel: Channel, utterance: Utterance): Promise<void> {
    const home = this.#homes.get(channel.home);
    if (!home) throw new KosmosError('KOSMOS_ERR_CHANNEL_UNREACHABLE', { channel: channel.name, reason: 'its server is not connected' });
    await home.say(channel, utterance);
  }

  health(): Record<string, boolean> {
    return Object.fromEntries([...this.#homes].map(([name, home]) => [name, home.isConnected()]));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#homes.values()].map((home) => home.close()));
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  #open(name: HomeName): Home {
    const { settings, domain } = this.#parts;
    const { ergo, prosodyHttp } = topologyOf(settings);
    const context = this.#contextFor(name);
    if (name === 'irc') return new IrcHome(context, { address: ergo, operPassword: loadSecret(settings.dataFolder, 'ergo-oper') });
    return new XmppHome(context, { address: prosodyHttp, domain });
  }

  #contextFor(name: HomeName): HomeContext {
    const { database, control, logger } = this.#parts;
    const audience = name === 'irc' ? 'ergo' : 'prosody';
    return {
      logger: logger.child({ home: name }),
      mintToken: async () => {
        const body = { name: BOT_NAME, audience };
        return (await control.request<{ token: string }>({ method: 'POST', path: '/internal/tokens', body })).token;
      },
      laneOf: (channelId) => this.#laneOf(channelId),
      archivedUntil: (channel) => findArchivedUntil(database, channel),
    };
  }

  #laneOf(channelId: string): Lane {
    const known = this.#lanes.get(channelId);
    if (known) return known;
    const { database, logger } = this.#parts;
    const lane = new Lane(database, channelId, (recorded) => this.#tell(recorded), logger);
    this.#lanes.set(channelId, lane);
    return lane;
  }

  /** What others make of it must not keep the archive waiting for ever. */
  async #tell(recorded: Recorded): Promise<void> {
    try {
      await this.#parts.onRecorded(recorded);
    } catch (error) {
      this.#parts.logger.error({ err: error, channel: recorded.channelId }, `a new message was not passed on: ${messageOf(error)}`);
    }
  }
}

/** When the newest message in the archive was sent; when the channel was made, if there is none. */
async function findArchivedUntil(database: Database, channel: Channel): Promise<number> {
  const number = await findNumber(database, channel.id);
  const newest =
    number !== undefined &&
    (await database
      .selectFrom('messages')
      .select('sent_at')
      .where('channel', '=', number)
      .orderBy('position', 'desc')
      .limit(1)
      .executeTakeFirst());
  return Date.parse(newest ? newest.sent_at : channel.createdAt);
}
