import type { Activity, ActivityObject } from '../../platform.ts';
import { occupantOf, ownPerson, personOf, roomOf } from '../activities.ts';
import { delayOf, isoTime, type Archived } from '../archive.ts';
import type { Conversation } from '../conversation.ts';
import { bareOf, resourceOf } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, type Element } from '../xml/element.ts';
import { flatten, flattenId } from '../xml/strings.ts';
import { readCorrection } from './correction.ts';
import { readMarker } from './marker.ts';
import { readReactions } from './reactions.ts';
import { readRetraction } from './retraction.ts';
import { readText } from './text.ts';
import { readTyping } from './typing.ts';

/** A message stanza with what its surroundings say of it, whichever way it came: live, as a carbon or from an archive. */
export interface Message {
  readonly stanza: Element;
  readonly conversation: Conversation;
  readonly actor: ActivityObject;
  readonly target: ActivityObject;
  /** Nick in a room, bare address elsewhere. */
  readonly sender: string;
  readonly isOwn: boolean;
  readonly messageId: string;
  readonly archiveId: string | undefined;
  readonly published: string;
  /** Reactions as they stood when an old message was sent, by message and sender; the present ones are the conversation's. */
  readonly past: PastReactions | undefined;
}

export type PastReactions = Map<string, Map<string, readonly string[]>>;

/** What one kind of content says; undefined where the message is of another kind. */
type Reader = (session: XmppSession, message: Message) => readonly Activity[] | undefined;

/** A correction or a reaction may carry a body for those who know no better, so the text comes last. */
const readers: readonly Reader[] = [readRetraction, readCorrection, readReactions, readText, readMarker, readTyping];

export function activitiesOf(session: XmppSession, message: Message): readonly Activity[] {
  for (const read of readers) {
    const activities = read(session, message);
    if (activities !== undefined) return activities;
  }
  return [];
}

/** Undefined for what belongs to no conversation that we are in. */
export function messageOf(session: XmppSession, stanza: Element, archived?: Archived, past?: PastReactions): Message | undefined {
  const from = stanza.attributes['from'] ?? session.account.jid;
  if (stanza.attributes['type'] !== 'groupchat') return { ...personalMessage(session, stanza, from, archived), past };
  const room = session.rooms.get(bareOf(from));
  return room === undefined ? undefined : { ...roomMessage(session, stanza, room, archived), past };
}

function personalMessage(session: XmppSession, stanza: Element, from: string, archived: Archived | undefined): Omit<Message, 'past'> {
  const own = session.account.jid;
  const isOwn = bareOf(from) === own;
  const other = isOwn ? (stanza.attributes['to'] ?? own) : from;
  const conversation = session.personal(other);
  const person = personOf(session, conversation.jid);
  return {
    ...identity(stanza, own, archived),
    stanza,
    conversation,
    isOwn,
    sender: flatten(isOwn ? own : conversation.jid),
    actor: isOwn ? ownPerson(session) : person,
    target: isOwn ? person : ownPerson(session),
  };
}

function roomMessage(session: XmppSession, stanza: Element, room: Room, archived: Archived | undefined): Omit<Message, 'past'> {
  const nick = resourceOf(stanza.attributes['from'] ?? '') ?? '';
  // In an archive the nick may have been another's: there the room says whose message it was, if it may.
  const item = archived === undefined ? undefined : childOf(childOf(stanza, 'x', ns.mucUser), 'item');
  const jid = item?.attributes['jid'];
  return {
    ...identity(stanza, room.jid, archived),
    stanza,
    conversation: room,
    isOwn: jid === undefined ? nick === room.nick : bareOf(jid) === session.account.jid,
    sender: flatten(nick),
    actor: nick === '' ? roomOf(room.jid) : occupantOf(session, room, nick, jid === undefined ? undefined : bareOf(jid)),
    target: roomOf(room.jid),
  };
}

function identity(stanza: Element, by: string, archived: Archived | undefined): Pick<Message, 'messageId' | 'archiveId' | 'published'> {
  // Only the archive itself may name its messages: anybody can write such an element.
  const named = childrenOf(stanza, 'stanza-id', ns.stanzaId).find(({ attributes }) => attributes['by'] === by);
  const archiveId = archived?.archiveId ?? named?.attributes['id'];
  const origin = childOf(stanza, 'origin-id', ns.stanzaId)?.attributes['id'];
  return {
    archiveId: archiveId === undefined ? undefined : flattenId(archiveId),
    messageId: flattenId(stanza.attributes['id'] ?? origin ?? archiveId ?? ''),
    published: (archived === undefined ? delayOf(stanza) : isoTime(archived.stamp)) ?? new Date().toISOString(),
  };
}

/** The id that the client knows a message by. */
export function idOf(message: Message): string {
  return message.archiveId ?? message.messageId;
}

/** The id under which the client knows a message that another one refers to. */
export function referred(conversation: Conversation, id: string): string {
  return conversation.find(id)?.archiveId ?? id;
}

export function activity(type: string, message: Message, object: ActivityObject): Activity {
  return { type, actor: message.actor, target: message.target, published: message.published, object };
}
