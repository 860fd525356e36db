import { Type } from '@fastify/type-provider-typebox';
import { Nullable } from '../../presenters.ts';
import { answers, answersNothing, DisplayName, Exactly, Name, TeamMemberParams, TeamParams } from '../shared.ts';

const BotRole = Type.Enum(['member', 'guest'], { description: 'A guest is in the channels alone that are opened to it' });
const Moment = Nullable(Type.String());
const BotBody = Type.Object({
  name: Type.String(),
  displayName: Nullable(Type.String()),
  role: BotRole,
  disabled: Type.Boolean(),
  createdAt: Type.String(),
  online: Type.Array(Type.Enum(['web', 'irc', 'xmpp'])),
  seen: Type.Object({ web: Moment, irc: Moment, xmpp: Moment, storage: Moment }),
  seenAt: Moment,
});
const Once = Type.String({ description: 'Shown this once' });

export const botsSchema = {
  summary: 'The bots of a team: accounts of programs, by name',
  params: TeamParams,
  response: answers(200, Type.Object({ bots: Type.Array(BotBody) })),
};

export const createBotSchema = {
  summary: 'Make an account for a program, with a password for IRC, XMPP and the gateway',
  params: TeamParams,
  body: Exactly({ name: Name, displayName: Type.Optional(DisplayName), role: Type.Optional(BotRole) }),
  response: answers(201, Type.Object({ bot: BotBody, password: Once })),
};

export const botPasswordSchema = {
  summary: 'Give a bot another password; the old one and all its sessions end at once',
  params: TeamMemberParams,
  response: answers(201, Type.Object({ password: Once })),
};

export const removeBotSchema = {
  summary: 'Remove a bot: it is out of the team, and its account is disabled',
  params: TeamMemberParams,
  response: answersNothing,
};
