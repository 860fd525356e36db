import { Type } from '@fastify/type-provider-typebox';
import { ChannelBody, Role } from '../../presenters.ts';
import { answers, answersNothing, ChannelMemberParams, ChannelParams, Exactly, TeamParams } from '../shared.ts';

/** Ergo takes 390 bytes of topic; Prosody more. */
const Topic = Type.String({ maxLength: 390 });
const ChannelName = Type.String({ minLength: 1, maxLength: 100 });

export const channelsSchema = {
  summary: 'The channels of a team that the caller may see, by name',
  params: TeamParams,
  querystring: Exactly({ archived: Type.Optional(Type.Boolean({ description: 'Archived ones too' })) }),
  response: answers(200, Type.Object({ channels: Type.Array(ChannelBody) })),
};

export const createChannelSchema = {
  summary: 'Create a channel; one that is private is open to its creator alone at first',
  params: TeamParams,
  body: Exactly({ name: ChannelName, topic: Type.Optional(Topic), private: Type.Optional(Type.Boolean()) }),
  response: answers(201, ChannelBody),
};

export const changeChannelSchema = {
  summary: 'Rename a channel, change its topic, who may enter or whether it is archived; its address stays',
  params: ChannelParams,
  body: Exactly({
    name: Type.Optional(ChannelName),
    topic: Type.Optional(Topic),
    private: Type.Optional(Type.Boolean()),
    archived: Type.Optional(Type.Boolean()),
    default: Type.Optional(Type.Boolean({ description: 'Opened to whoever joins the team' })),
  }),
  response: answers(200, ChannelBody),
};

export const removeChannelSchema = { summary: 'Remove a channel', params: ChannelParams, response: answersNothing };

export const occupantsSchema = {
  summary: 'Who may enter a channel',
  params: ChannelParams,
  response: answers(200, Type.Object({ members: Type.Array(Type.Object({ name: Type.String(), role: Role })) })),
};

export const channelMemberSchema = {
  summary: 'Open a channel to a member of the team (PUT), or close it again (DELETE)',
  params: ChannelMemberParams,
  response: answersNothing,
};
