import { Type } from '@fastify/type-provider-typebox';
import type { TProperties } from 'typebox';
import { answers, answersNothing, Exactly, Key } from '../shared.ts';

const Nullable = Type.Union([Type.String(), Type.Null()]);
const WebhookParams = Exactly({ team: Key, channel: Key, id: Key });
const WebhookName = Type.String({ minLength: 1, maxLength: 100 });
const Address = Type.String({ minLength: 1, maxLength: 1_024 });
const Trigger = Type.Enum(['message', 'mention'], { description: 'Every message, or those that have the word in them' });
const Word = Type.String({ maxLength: 100 });

const webhook = {
  id: Type.String(),
  name: Type.String({ description: 'Under which it speaks, where a message names nobody else' }),
  createdAt: Type.String(),
  usedAt: Nullable,
  lastError: Type.Union([Type.String(), Type.Null()], { description: 'What was wrong with the last message, until one is taken' }),
};
/** The history of one webhook: what each call has beside its id. */
const answersCalls = <T extends TProperties>(call: T) =>
  answers(200, Type.Object({ calls: Type.Array(Type.Object({ id: Type.String(), ...call })) }));
export const WebhookBody = Type.Object(webhook);
/** Only its hash is kept, so it is shown this once. */
const NewWebhookBody = Type.Object({
  ...webhook,
  address: Type.String({ description: 'Where to post: Slack’s format, GitHub, GitLab, Gitea, Grafana and others' }),
  kosmosAddress: Type.String({ description: 'The same for Kosmos’s bots: {room, message}' }),
});

const outgoing = {
  id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  trigger: Trigger,
  word: Nullable,
  createdAt: Type.String(),
};
export const OutgoingBody = Type.Object(outgoing);
const SecretBody = Type.Object({ secret: Type.String({ description: 'Signs the calls; shown this once' }) });

export const webhooksSchema = {
  summary: 'The addresses that programs post to a channel by, oldest first',
  response: answers(200, Type.Object({ webhooks: Type.Array(WebhookBody) })),
};
export const createWebhookSchema = {
  summary: 'Make an address that programs post to the channel by; it is shown this once',
  body: Exactly({ name: WebhookName }),
  response: answers(201, NewWebhookBody),
};
export const changeWebhookSchema = {
  summary: 'Rename a webhook',
  params: WebhookParams,
  body: Exactly({ name: WebhookName }),
  response: answers(200, WebhookBody),
};
export const rotateWebhookSchema = {
  summary: 'Give a webhook another address; the old one stops at once',
  params: WebhookParams,
  response: answers(201, NewWebhookBody),
};
export const removeWebhookSchema = { summary: 'Remove a webhook', params: WebhookParams, response: answersNothing };

export const outgoingSchema = {
  summary: 'The addresses that are called when something is said in a channel, oldest first',
  response: answers(200, Type.Object({ webhooks: Type.Array(OutgoingBody) })),
};
export const createOutgoingSchema = {
  summary: 'Have an address called when something is said in a channel',
  body: Exactly({ name: WebhookName, url: Address, trigger: Trigger, word: Type.Optional(Word) }),
  response: answers(201, Type.Interface([OutgoingBody, SecretBody], {})),
};
export const changeOutgoingSchema = {
  summary: 'Change what is called, and when',
  params: WebhookParams,
  body: Exactly({
    ...{ name: Type.Optional(WebhookName), url: Type.Optional(Address), trigger: Type.Optional(Trigger), word: Type.Optional(Word) },
  }),
  response: answers(200, OutgoingBody),
};
export const rotateOutgoingSchema = {
  summary: 'Sign the calls with another secret from now on',
  params: WebhookParams,
  response: answers(201, SecretBody),
};
export const removeOutgoingSchema = { summary: 'Call an address no more', params: WebhookParams, response: answersNothing };
export const testOutgoingSchema = {
  summary: 'Call an address once with {type: "test"} and say what it answered',
  params: WebhookParams,
  response: answers(200, Type.Object({ status: Type.Union([Type.Integer(), Type.Null()]), outcome: Type.String() })),
};
export const repeatCallSchema = {
  summary: 'Make a call of the history once more, now and as it was, and say what was answered',
  params: Exactly({ team: Key, channel: Key, id: Key, call: Key }),
  response: testOutgoingSchema.response,
};
export const incomingCallsSchema = {
  summary: 'The last 100 messages that came by a webhook and what became of each, newest first',
  params: WebhookParams,
  response: answersCalls({
    at: Type.String(),
    format: Type.Union([Type.String(), Type.Null()], { description: 'Null where it was refused before one was recognised' }),
    status: Type.Integer({ description: 'HTTP’s, as it was answered' }),
    outcome: Type.String(),
  }),
};
export const callsSchema = {
  summary: 'The last 100 calls of an address, newest first',
  params: WebhookParams,
  response: answersCalls({
    createdAt: Type.String(),
    attempts: Type.Integer(),
    nextAt: Type.Union([Type.String(), Type.Null()], { description: 'When it is tried again; null if it is done with' }),
    status: Type.Union([Type.Integer(), Type.Null()]),
    outcome: Nullable,
  }),
};
