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

export const messagesSchema: JsonSchema = {
  type: 'object',
  required: ['type'],
  properties: {
    type: { enum: verbNames },
    object: {
      type: 'object',
      properties: {
        id: { type: 'string', maxLength: 1_024 },
        content: { type: 'string', maxLength: 65_536 },
        replyTo: { type: 'string', maxLength: 1_024 },
        before: { type: 'string', maxLength: 1_024 },
        after: { type: 'string', maxLength: 1_024 },
        limit: { type: 'number' },
        attachments: {
          type: 'array',
          maxItems: 20,
          items: {
            type: 'object',
            required: ['url'],
            properties: {
              url: { type: 'string', maxLength: 2_048, pattern: '^https?://' },
              name: { type: 'string', maxLength: 255 },
              mediaType: { type: 'string', maxLength: 255 },
              size: { type: 'number', minimum: 0 },
            },
          },
        },
      },
    },
  },
};
