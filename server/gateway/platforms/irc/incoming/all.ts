import { account, away, setname } from './away.ts';
import type { Incoming } from './incoming.ts';
import { invite } from './invite.ts';
import { join } from './join.ts';
import { kick, part, quit } from './leave.ts';
import { markread } from './markread.ts';
import { mode } from './mode.ts';
import { names, namesEnd, who } from './names.ts';
import { nick } from './nick.ts';
import { privmsg } from './privmsg.ts';
import { redact } from './redact.ts';
import { tagmsg } from './tagmsg.ts';
import { topic, topicIs } from './topic.ts';

const list: readonly Incoming[] = [
  ...[account, away, invite, join, kick, markread, mode, names, namesEnd, nick, part],
  ...[privmsg, quit, redact, setname, tagmsg, topic, topicIs, who],
];

/** By command. What is not here means nothing to people. */
export const incoming: ReadonlyMap<string, Incoming> = new Map(list.flatMap((one) => one.commands.map((command) => [command, one])));
