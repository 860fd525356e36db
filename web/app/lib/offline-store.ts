import type { Conversation } from '../models/conversation.ts';
import { Message, type MessageKind } from '../models/message.ts';
import type { Space } from '../models/space.ts';
import type { Attachment } from './activity.ts';

interface KeptMessage {
  id: string | undefined;
  kind: MessageKind;
  author: { name: string; account?: string };
  content: string;
  published: number;
  mine: boolean;
  replyTo: string | undefined;
  attachments: readonly Attachment[];
}

/** A conversation as it was last read. */
interface Kept {
  key: string;
  space: string;
  kind: 'channel' | 'direct';
  name: string;
  title: string;
  topic: string;
  address: string;
  channelId: string | undefined;
  isPrivate: boolean;
  readAt: number;
  seenAt: number;
  messages: KeptMessage[];
}

const database = 'kosmos-offline';
const mostConversations = 40;
const mostMessages = 60;

function asPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The store does not answer.'));
  });
}

/** One connection for the page's life. */
let connection: Promise<IDBDatabase> | undefined;

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('conversations', { keyPath: 'key' });
  const opened = await asPromise(request);
  // Another window logs out and forgets: it does not wait for this one.
  opened.onversionchange = () => opened.close();
  return opened;
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  connection ??= open();
  try {
    return (await connection).transaction('conversations', mode).objectStore('conversations');
  } catch (error) {
    connection = undefined;
    throw error;
  }
}

/** The newest messages of one conversation, bounded. */
export async function keep(conversation: Conversation): Promise<void> {
  const { timeline, space, target } = conversation;
  if (!timeline.isAtEnd || timeline.messages.length === 0) return;
  const messages = timeline.messages.filter(({ isSaid, isDeleted, id }) => isSaid && !isDeleted && id !== undefined).slice(-mostMessages);
  const kept: Kept = {
    key: conversation.key,
    space: space.id,
    kind: conversation.kind,
    name: conversation.name,
    title: conversation.title,
    topic: conversation.topic,
    address: (space.connection.platform === 'irc' && conversation.isChannel ? target.name : target.id) ?? conversation.name,
    channelId: conversation.channelId,
    isPrivate: conversation.isPrivate,
    readAt: conversation.readAt,
    seenAt: Date.now(),
    messages: messages.map(({ id, kind, author, content, published, mine, replyTo, attachments }) => ({
      ...{ id, kind, author, content, published, mine, replyTo, attachments },
    })),
  };
  await asPromise((await store('readwrite')).put(kept));
  await trim();
}

async function trim(): Promise<void> {
  if ((await asPromise((await store('readonly')).count())) <= mostConversations) return;
  const all = (await asPromise((await store('readonly')).getAll())) as Kept[];
  const oldest = all.sort((one, other) => one.seenAt - other.seenAt).slice(0, all.length - mostConversations);
  const conversations = await store('readwrite');
  for (const { key } of oldest) conversations.delete(key);
}

/** Puts what was kept into a space that could not be loaded. */
export async function restore(space: Space): Promise<void> {
  const all = (await asPromise((await store('readonly')).getAll())) as Kept[];
  for (const kept of all.filter(({ space: id }) => id === space.id)) fill(conversationFor(space, kept), kept);
}

function conversationFor(space: Space, kept: Kept): Conversation {
  const { kind, address, name, topic, isPrivate, channelId } = kept;
  if (kind === 'direct') return space.addDirect(name, address);
  if (!channelId) return space.addRoom(space.roomTarget(address));
  return space.addChannel({ id: channelId, name, topic, private: isPrivate, address, open: true });
}

function fill(conversation: Conversation, { messages, readAt }: Kept): void {
  const { timeline } = conversation;
  if (timeline.isLoaded) return;
  const old = messages.map(
    ({ id, replyTo, ...fields }) => new Message({ ...fields, ...(id ? { id } : {}), ...(replyTo ? { replyTo } : {}) }),
  );
  timeline.merge(old, 'newer');
  timeline.isLoaded = true;
  conversation.readAt = Math.max(conversation.readAt, readAt);
}

/** Nothing of an account stays on a machine that it was logged out of. */
export async function forget(): Promise<void> {
  // An open connection would hold the deletion up.
  const opened = await connection?.catch(() => undefined);
  connection = undefined;
  opened?.close();
  indexedDB.deleteDatabase(database);
}
