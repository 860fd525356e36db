import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import { selfOf, targetOf, timeOf } from '../activities.ts';
import type { OutgoingMessage } from '../connection/message.ts';
import { refuseErrors, type Reply } from '../connection/requests.ts';
import { checkFeature } from '../features.ts';
import { isOwn, noteSeen, tags } from '../messages.ts';
import type { IrcSession } from '../session.ts';
import { ACTION_BYTES, linesOf, splitBytes, writeText, type MessageKind } from '../text.ts';
import { addresseeOf, text, type Verb } from './verb.ts';
import { multilineBatches } from './multiline.ts';

/** What a server lets through in one line (RFC 1459), and what it puts before ours: `:nick!user@host `. */
const LINE_BYTES = 510;
const SOURCE_BYTES = 90;

interface Outgoing {
  readonly kind: MessageKind;
  readonly target: string;
  readonly content: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const send: Verb = async (session, { target, object }) => {
  const outgoing = outgoingOf(session, target, object);
  const replyTo = text(object, 'replyTo');
  if (replyTo !== undefined) checkFeature(session, 'replies');
  const sent = await deliver(session, { ...outgoing, tags: replyTo === undefined ? {} : { [tags.reply]: replyTo } });
  const originId = text(object, 'id');
  const activity: Activity = {
    type: 'send',
    actor: selfOf(session),
    target: targetOf(session, outgoing.target),
    object: {
      ...{ type: outgoing.kind, id: sent.ids[0] ?? session.makeId(), content: outgoing.content },
      ...(originId === undefined ? {} : { originId }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(object?.['attachments'] === undefined ? {} : { attachments: object['attachments'] }),
      ...(sent.ids.length > 1 ? { parts: sent.ids } : {}),
    },
    published: sent.published,
  };
  noteSeen(session, activity);
  return activity;
};

/** A further message that says which one it replaces: clients that do not know the tag show it as it is. */
export const correct: Verb = async (session, { target, object }) => {
  checkFeature(session, 'corrections');
  const outgoing = outgoingOf(session, target, object);
  const id = text(object, 'id') ?? '';
  const sent = await deliver(session, { ...outgoing, tags: { [tags.replaces]: id } });
  return {
    type: 'update',
    actor: selfOf(session),
    target: targetOf(session, outgoing.target),
    object: { type: 'message', id, content: outgoing.content, correctionId: sent.ids[0] },
    published: sent.published,
  };
};

function outgoingOf(session: IrcSession, target: ActivityObject | undefined, object: ActivityObject | undefined): Omit<Outgoing, 'tags'> {
  const attachments = (object?.['attachments'] ?? []) as readonly { url: string }[];
  const addresses = attachments.map(({ url }) => url);
  const written = [text(object, 'content') ?? '', ...addresses].filter((part) => part !== '').join('\n');
  const action = /^\/me +(?=\S)/.exec(written);
  const kind = action ? 'me' : ((object?.type ?? 'message') as MessageKind);
  const content = linesOf(action ? written.slice(action[0].length) : written).join('\n');
  if (content.trim() === '') throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.content is empty' });
  return { kind, target: addresseeOf(session, target), content };
}

async function deliver(session: IrcSession, outgoing: Outgoing): Promise<{ ids: string[]; published: string }> {
  const replies = await Promise.all(requestsFor(session, outgoing));
  replies.forEach(refuseErrors);
  const copies = replies.map((reply) => copyOf(session, reply));
  return {
    ids: copies.map((copy) => copy?.tags['msgid'] ?? session.makeId()),
    published: copies[0] ? timeOf(copies[0]) : new Date().toISOString(),
  };
}

/** Our own message as the server passed it on. */
function copyOf(session: IrcSession, { messages, batch }: Reply): Reply['messages'][number] | undefined {
  if (batch) return batch.opening;
  return messages.find((message) => (message.command === 'PRIVMSG' || message.command === 'NOTICE') && isOwn(session, message));
}

function requestsFor(session: IrcSession, outgoing: Outgoing): Promise<Reply>[] {
  const { connection } = session;
  const { kind, target, content } = outgoing;
  const command = kind === 'notice' ? 'NOTICE' : 'PRIVMSG';
  const room = LINE_BYTES - SOURCE_BYTES - Buffer.byteLength(`${command} ${target} :`) - (kind === 'me' ? ACTION_BYTES : 0);
  const lines = content.split('\n').map((line) => splitBytes(line, room));
  const isLong = lines.length > 1 || (lines[0]?.length ?? 0) > 1;
  if (isLong && kind !== 'me' && connection.capabilities.has('draft/multiline')) {
    const batches = multilineBatches(lines, {
      command,
      target,
      tags: outgoing.tags,
      limits: connection.capabilities.valueOf('draft/multiline'),
    });
    return batches.map((batch) => connection.requestAll(batch));
  }
  const pieces = lines.flat().filter((piece) => piece.trim() !== '');
  return pieces.map((piece, index): Promise<Reply> => {
    const message: OutgoingMessage = { command, params: [target, writeText(kind, piece)] };
    return connection.request(index === 0 ? { ...message, tags: outgoing.tags } : message);
  });
}
