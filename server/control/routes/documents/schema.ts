import { Type } from '@fastify/type-provider-typebox';
import { answers, ChannelParams, Exactly } from '../shared.ts';

const Visibility = Type.Enum(['public', 'private', 'off'], {
  description: 'Everybody may read the daily documents, the team’s storage alone has them, or there are none',
});

const DocumentsBody = Type.Object({
  visibility: Visibility,
  days: Type.Integer({ description: 'Days that are written by now' }),
  newest: Type.Union([Type.String(), Type.Null()], { description: 'The newest of them: 2026/01/02' }),
  folder: Type.Union([Type.String(), Type.Null()], {
    description: 'Address of the public folder: the day follows. Null unless it is public',
  }),
});

export const documentsSchema = {
  summary: 'Where a channel’s daily documents (chat-messages) stand, and who may read them',
  params: ChannelParams,
  response: answers(200, DocumentsBody),
};

export const changeDocumentsSchema = {
  summary: 'Choose who may read a channel’s daily documents; those that are written follow within seconds',
  params: ChannelParams,
  body: Exactly({ visibility: Visibility }),
  response: answers(200, DocumentsBody),
};

export const importSchema = {
  summary: 'Take a daily document (chat-messages) into the channel; a second time adds nothing',
  params: ChannelParams,
  body: Type.Object({}, { description: 'The document: remotestorage-module-chat-messages' }),
  response: answers(201, Type.Object({ messages: Type.Integer({ description: 'How many were new' }) })),
};

export const importFolderSchema = {
  summary: 'Take the daily documents of a storage folder into the channel, oldest first, some at a time',
  params: ChannelParams,
  body: Exactly({
    from: Type.Enum(['team', 'own'], { description: 'The team’s storage (the channel’s own folder there), or the caller’s' }),
    folder: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: 'Of the caller’s storage, above the years: chat-messages/irc.example.org/channels/general',
      }),
    ),
    after: Type.Optional(Type.String({ pattern: '^\\d{4}/\\d\\d/\\d\\d$', description: 'What `next` said before' })),
  }),
  response: answers(
    200,
    Type.Object({
      documents: Type.Integer(),
      messages: Type.Integer({ description: 'How many were new' }),
      refused: Type.Array(Type.Object({ document: Type.String(), reason: Type.String() })),
      next: Type.Union([Type.String(), Type.Null()], { description: 'Go on after this day; null if that was all' }),
    }),
  ),
};
