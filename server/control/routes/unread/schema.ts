import { Type } from '@fastify/type-provider-typebox';
import { answers, answersNothing, ChannelParams, Exactly } from '../shared.ts';

const Nullable = Type.Union([Type.String(), Type.Null()]);
const Level = Type.Enum(['all', 'mentions', 'none'], { description: 'What pushes tell of' });

export const unreadSchema = {
  summary: 'How it stands in each channel that the account may enter: unread, mentions, level, read marker',
  response: answers(
    200,
    Type.Object({
      channels: Type.Array(
        Type.Object({
          channel: Type.String({ description: 'Id of the channel' }),
          channelName: Type.String(),
          team: Type.String({ description: 'Slug of the team' }),
          unread: Type.Integer({ description: 'Messages of others since the marker; counted up to 1,000' }),
          mentions: Type.Integer(),
          level: Level,
          lastRead: Nullable,
          readUntil: Nullable,
        }),
      ),
    }),
  ),
};

export const markerSchema = {
  summary: 'Mark a channel as read up to a message (its id) or a moment (ISO 8601); a marker never goes back',
  params: ChannelParams,
  body: Exactly({ upTo: Type.String({ minLength: 1, maxLength: 1_024 }) }),
  response: answers(200, Type.Object({ moved: Type.Boolean({ description: 'False if it was there already' }) })),
};

export const levelSchema = {
  summary: 'Choose for what the account wants to be told of a channel',
  params: ChannelParams,
  body: Exactly({ level: Level }),
  response: answersNothing,
};
