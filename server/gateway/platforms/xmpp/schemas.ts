import type { JsonSchema } from '../platform.ts';
import { verbNames } from './verbs/all.ts';

const address = { type: 'string', minLength: 1, maxLength: 3_071 } as const;

/** No password is asked for where the account's own server is meant, or where one was kept. */
export const credentialsSchema: JsonSchema = {
  type: 'object',
  required: ['object'],
  properties: {
    object: {
      type: 'object',
      required: ['type', 'userAddress'],
      additionalProperties: false,
      properties: {
        type: { const: 'credentials' },
        userAddress: { ...address, pattern: '^[^@/\\s]+@[^@/\\s]+(/.+)?$' },
        resource: { type: 'string', maxLength: 1_023 },
        password: { type: 'string', maxLength: 4_096 },
        server: { type: 'string', maxLength: 260 },
        port: { type: 'integer', minimum: 1, maximum: 65_535 },
      },
    },
  },
};

const id = { type: 'string', maxLength: 1_024 } as const;
const word = { type: 'string', maxLength: 200 } as const;

/** An actor, a target, or what an object speaks of: somebody or a room. */
const party = {
  type: 'object',
  properties: {
    type: word,
    id: address,
    name: { type: 'string', maxLength: 1_023 },
    key: { type: 'string', maxLength: 1_024 },
    role: word,
  },
} as const;

const attachment = {
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string', maxLength: 2_048, pattern: '^https?://' },
    name: { type: 'string', maxLength: 255 },
    mediaType: { type: 'string', maxLength: 255 },
    size: { type: 'number', minimum: 0 },
  },
} as const;

const object = {
  type: 'object',
  properties: {
    type: word,
    id: { ...address, maxLength: 3_071 },
    name: { type: 'string', maxLength: 1_023 },
    content: { type: 'string', maxLength: 65_536 },
    replyTo: id,
    before: id,
    after: id,
    published: word,
    limit: { type: 'number' },
    state: word,
    presence: word,
    role: word,
    nick: { type: 'string', maxLength: 1_023 },
    autojoin: { type: 'boolean' },
    relationship: word,
    subject: party,
    object: party,
    size: { type: 'number' },
    mediaType: { type: 'string', maxLength: 255 },
    avatar: { type: 'object', properties: { data: { type: 'string', maxLength: 200_000 }, mediaType: word } },
    attachments: { type: 'array', maxItems: 20, items: attachment },
    'xmpp:replace': { type: 'object', properties: { id } },
  },
} as const;

export const messagesSchema: JsonSchema = {
  type: 'object',
  required: ['type'],
  properties: { type: { enum: verbNames }, actor: party, target: party, object },
};
