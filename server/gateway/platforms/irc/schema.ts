import type { JsonSchema } from '../platform.ts';

/** Bounds of every text: far above what IRC carries, so that only nonsense and attacks meet them. */
const id = { type: 'string', minLength: 1, maxLength: 1_024 };
const name = { type: 'string', minLength: 1, maxLength: 512 };
const content = { type: 'string', maxLength: 32_768 };
const time = { type: 'string', format: 'date-time', maxLength: 40 };
const secret = { type: 'string', minLength: 1, maxLength: 4_096 };
const pem = { type: 'string', maxLength: 16_384, pattern: '^-----BEGIN ' };

const object = (type: string, required: readonly string[], properties: object): JsonSchema => ({
  type: 'object',
  required: ['type', ...required],
  additionalProperties: false,
  properties: { type: { const: type }, ...properties },
});

const named = (type: string): JsonSchema => ({
  type: 'object',
  required: ['type'],
  anyOf: [{ required: ['id'] }, { required: ['name'] }],
  properties: { type: { const: type }, id, name, key: { type: 'string', maxLength: 64, pattern: '^[^\\s,:][^\\s,]*$' }, content },
});

const attachment = {
  type: 'object',
  required: ['url'],
  additionalProperties: false,
  properties: {
    url: { type: 'string', maxLength: 2_048, pattern: '^https?://[^\\s]+$' },
    name,
    mediaType: { type: 'string', maxLength: 127 },
    size: { type: 'integer', minimum: 0 },
  },
};

const objects = {
  message: object('message', ['content'], {
    id,
    name,
    content,
    replyTo: id,
    attachments: { type: 'array', maxItems: 10, items: attachment },
  }),
  correction: object('message', ['id', 'content'], { id, content }),
  deletion: object('message', ['id'], { id, content }),
  reason: object('message', [], { content }),
  me: object('me', ['content'], { id, content }),
  notice: object('notice', ['content'], { id, content }),
  topic: object('topic', ['content'], { content }),
  mode: object('mode', ['content'], { content: { type: 'string', minLength: 1, maxLength: 256 } }),
  presence: object('presence', ['presence'], { presence: { enum: ['online', 'away', 'dnd', 'xa', 'chat'] }, content }),
  address: object('address', [], {}),
  reaction: object('reaction', ['id', 'content'], { id, content: { type: 'string', minLength: 1, maxLength: 64 } }),
  typing: object('typing', ['state'], { state: { enum: ['active', 'paused', 'done'] } }),
  marker: { ...object('marker', [], { id, published: time }), anyOf: [{ required: ['id'] }, { required: ['published'] }] },
  relationship: object('relationship', ['relationship', 'subject', 'object'], {
    relationship: { const: 'role' },
    subject: object('presence', ['role'], { role: { enum: ['owner', 'admin', 'participant'] } }),
    object: named('room'),
  }),
  attendance: object('attendance', [], { members: { type: 'array', maxItems: 0 } }),
  history: {
    ...object('history', [], { before: id, after: id, limit: { type: 'integer', minimum: 1, maximum: 200 } }),
    not: { required: ['before', 'after'] },
  },
  rooms: object('rooms', [], { content: { type: 'string', maxLength: 128 } }),
  whois: object('whois', [], {}),
} as const;

type ObjectName = keyof typeof objects;
interface VerbRule {
  readonly target?: readonly ('room' | 'person')[];
  readonly object?: readonly (ObjectName | 'person')[];
  /** The object may be left out. */
  readonly optional?: boolean;
}

const anywhere = ['room', 'person'] as const;
const rules: Readonly<Record<string, VerbRule>> = {
  connect: {},
  disconnect: {},
  join: { target: ['room'] },
  leave: { target: ['room'], object: ['reason'], optional: true },
  send: { target: anywhere, object: ['message', 'me', 'notice'] },
  update: { object: ['topic', 'mode', 'presence', 'address', 'correction'] },
  delete: { target: anywhere, object: ['deletion'] },
  add: { target: anywhere, object: ['reaction', 'relationship'] },
  remove: { target: anywhere, object: ['reaction', 'relationship'] },
  announce: { target: anywhere, object: ['typing'] },
  read: { target: anywhere, object: ['marker'] },
  query: { object: ['attendance', 'history', 'rooms', 'whois'] },
  kick: { target: ['room'], object: ['person'] },
  ban: { target: ['room'], object: ['person'] },
  unban: { target: ['room'], object: ['person'] },
  invite: { target: ['room'], object: ['person'] },
};

export const types: readonly string[] = Object.keys(rules);

function ruleSchema([type, { target, object: names, optional }]: [string, VerbRule]): JsonSchema {
  const required = [...(target ? ['target'] : []), ...(names && !optional ? ['object'] : [])];
  const oneOf = (list: readonly string[]): JsonSchema => ({ anyOf: list.map((one) => ({ $ref: `#/definitions/${one}` })) });
  return {
    if: { properties: { type: { const: type } } },
    then: { required, properties: { ...(target ? { target: oneOf(target) } : {}), ...(names ? { object: oneOf(names) } : {}) } },
  };
}

export const messages: JsonSchema = {
  type: 'object',
  required: ['type', 'actor'],
  properties: {
    type: { enum: types },
    actor: { $ref: '#/definitions/person' },
    target: { anyOf: [...anywhere, 'service'].map((one) => ({ $ref: `#/definitions/${one}` })) },
  },
  allOf: Object.entries(rules).map(ruleSchema),
  definitions: { ...objects, person: named('person'), room: named('room'), service: named('service') },
};

const nick = { type: 'string', minLength: 1, maxLength: 64, pattern: '^[^\\s,:@!*?#&+$\\u0000-\\u0020][^\\s,@!*?\\u0000-\\u0020]*$' };

export const credentials: JsonSchema = {
  type: 'object',
  required: ['object'],
  properties: {
    object: {
      type: 'object',
      required: ['type', 'nick', 'server'],
      additionalProperties: false,
      not: { required: ['password', 'token'] },
      properties: {
        type: { const: 'credentials' },
        nick,
        server: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:_-]+$' },
        port: { type: 'integer', minimum: 1, maximum: 65_535 },
        secure: { type: 'boolean' },
        username: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[^\\s\\u0000-\\u0020]+$' },
        realname: { type: 'string', minLength: 1, maxLength: 150, pattern: '^[^\\u0000-\\u001f]*$' },
        password: { ...secret, pattern: '^[^\\u0000\\r\\n]+$' },
        token: secret,
        sasl: { type: 'boolean' },
        saslMechanism: { enum: ['PLAIN', 'SCRAM-SHA-256', 'EXTERNAL', 'IRCV3BEARER', 'OAUTHBEARER'] },
        serverPassword: { ...secret, pattern: '^[^\\u0000\\r\\n]+$' },
        certificate: pem,
        key: pem,
      },
    },
  },
};
