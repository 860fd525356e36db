import type { Logger } from '../../foundation/logging.ts';
import type { Channel } from '../../teams/channels.ts';
import type { Lane } from './lane.ts';

/** Words that a webhook says in a channel. */
export interface Utterance {
  /** Under whose name, where the protocol lets us. */
  readonly name: string;
  /** May have several lines. */
  readonly text: string;
}

/** The bot's presence on one server: in every team channel there, for as long as the daemon runs. */
export interface Home {
  /** All channels that the bot shall be in; it enters and leaves accordingly, now or once it is connected. */
  setChannels(channels: readonly Channel[]): void;
  /** Resolves once the server took it. Throws KOSMOS_ERR_CHANNEL_UNREACHABLE. */
  say(channel: Channel, utterance: Utterance): Promise<void>;
  isConnected(): boolean;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface HomeContext {
  readonly logger: Logger;
  /** A secret for one log-in. */
  mintToken(): Promise<string>;
  laneOf(channelId: string): Lane;
  /** Time from which on history is asked for: what came before is in the archive. */
  archivedUntil(channel: Channel): Promise<number>;
}

/** How far back before the last message archived history is fetched again: clocks differ, and reactions come late. */
export const OVERLAP = 2 * 60_000;
