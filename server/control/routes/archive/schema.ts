import { Type } from '@fastify/type-provider-typebox';
import { LONGEST_QUERY } from '../../../archive/query.ts';
import { answers, ChannelParams, Exactly, TeamParams } from '../shared.ts';

const LARGEST_PAGE = 200;
const Cursor = Type.String({ minLength: 1, maxLength: 200, description: 'Id of a message, or a time (ISO 8601)' });
const Nullable = Type.Union([Type.String(), Type.Null()]);

export const MessageBody = Type.Object({
  id: Type.String(),
  channel: Type.String({ description: 'Id of the channel' }),
  kind: Type.Enum(['text', 'action', 'notice', 'join', 'leave', 'topic']),
  nick: Type.String(),
  account: Nullable,
  text: Type.String(),
  sentAt: Type.String(),
  replyTo: Nullable,
  attachment: Nullable,
  editedAt: Nullable,
  deletedAt: Nullable,
  reactions: Type.Array(Type.Object({ emoji: Type.String(), nicks: Type.Array(Type.String()) })),
});

const FoundBody = Type.Interface([MessageBody], { channelName: Type.String(), team: Type.String() });

export const messagesSchema = {
  summary: 'Messages of a channel, oldest first; the newest, or those before, after or around a message or time',
  params: ChannelParams,
  querystring: Exactly({
    before: Type.Optional(Cursor),
    after: Type.Optional(Cursor),
    around: Type.Optional(Cursor),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LARGEST_PAGE })),
    events: Type.Optional(Type.Boolean({ description: 'Joins, leaves and topics too' })),
  }),
  response: answers(200, Type.Object({ messages: Type.Array(MessageBody), hasBefore: Type.Boolean(), hasAfter: Type.Boolean() })),
};

export const searchSchema = {
  summary: 'Search what the account may read, newest first: words, from: in: before: after: has:link has:file',
  querystring: Exactly({
    q: Type.String({ minLength: 1, maxLength: LONGEST_QUERY }),
    cursor: Type.Optional(Type.String({ pattern: '^\\d{1,16}$' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  }),
  response: answers(200, Type.Object({ messages: Type.Array(FoundBody), next: Type.Optional(Type.String()) })),
};

const format = Type.Optional(Type.Enum(['json', 'text'], { description: 'JSON lines, or text for reading' }));

export const exportChannelSchema = {
  summary: 'Everything that was said in a channel, as a file',
  params: ChannelParams,
  querystring: Exactly({ format }),
};

export const exportTeamSchema = {
  summary: 'Everything that was said in the channels of a team that the caller may read, as a file',
  params: TeamParams,
  querystring: Exactly({ format }),
};
