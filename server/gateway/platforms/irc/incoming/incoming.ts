import type { Activity } from '../../platform.ts';
import type { Origin } from '../connection/connection.ts';
import type { IrcMessage } from '../connection/message.ts';
import type { IrcSession } from '../session.ts';

/** What one command from the server means: it changes what the session knows, and others are told. */
export interface Incoming {
  readonly commands: readonly string[];
  /** The activity that the message is, in a history too. Changes nothing. */
  describe?(session: IrcSession, message: IrcMessage, origin?: Origin): Activity | undefined;
  receive(session: IrcSession, message: IrcMessage, origin: Origin): void;
}
