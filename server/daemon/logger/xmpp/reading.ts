import type { NewMessage } from '../../../archive/message.ts';
import { idOf, type Happening } from '../happening.ts';
import type { Element } from './client.ts';

/** Who is behind a nick in a room, as far as the server shows. */
export type WhoIs = (nick: string) => string | undefined;

interface Context {
  /** Bare address of the room. */
  readonly room: string;
  readonly domain: string;
  /** Account by nick, of those who are in the room now; history tells its own. */
  readonly whoIs: WhoIs;
}

const FALLBACK = 'urn:xmpp:fallback:0';

/**
 * What a groupchat message tells. `archived` is what MAM adds (XEP-0313): id and time; a live message has its id in itself (XEP-0359).
 * Words without an id are not archived by the room (the subject at entering); of reactions and retractions it archives only those with
 * a hint to store them (XEP-0334), so the others are known from live traffic alone.
 */
export function readMessage(message: Element, context: Context, archived?: { id: string; time: string }): Happening[] {
  const from = message.getAttribute('from') ?? '';
  const nick = from.slice(context.room.length + 1);
  if (message.getAttribute('type') !== 'groupchat' || !from.startsWith(context.room)) return [];
  const id = archived?.id ?? stanzaId(message, context.room);
  const at = new Date(archived?.time ?? message.getChild('delay', 'urn:xmpp:delay')?.getAttribute('stamp') ?? Date.now()).toISOString();
  if (nick === '') return readModeration(message, at);
  const account = accountOf(message, context.domain) ?? (archived ? undefined : context.whoIs(nick));
  const by = { nick, at, ...(account ? { account } : {}) };
  return readAmendment(message, id ?? idOf('amendment', nick, at), by) ?? (id ? readSpeech(message, id, by) : []);
}

interface By {
  readonly nick: string;
  readonly account?: string;
  readonly at: string;
}

function readAmendment(message: Element, id: string, by: By): Happening[] | undefined {
  const reactions = message.getChild('reactions', 'urn:xmpp:reactions:0');
  if (reactions) {
    const emojis = reactions.getChildren('reaction').map((reaction) => reaction.getText().trim());
    return [{ type: 'reactions', reactions: { target: reactions.getAttribute('id') ?? '', emojis, ...by } }];
  }
  const retracted = retractedBy(message);
  if (retracted !== undefined) return [{ type: 'deletion', deletion: { target: retracted, bySenderOnly: true, ...by } }];
  const corrected = message.getChild('replace', 'urn:xmpp:message-correct:0')?.getAttribute('id');
  if (corrected) return [{ type: 'edit', edit: { target: corrected, id, text: bodyOf(message).text, ...by } }];
  return undefined;
}

/** XEP-0424, and how it was before version 0.4. */
function retractedBy(message: Element): string | undefined {
  const now = message.getChild('retract', 'urn:xmpp:message-retract:1');
  const fastened = message.getChild('apply-to', 'urn:xmpp:fasten:0');
  if (now) return now.getAttribute('id');
  return fastened?.getChild('retract', 'urn:xmpp:message-retract:0') && fastened.getAttribute('id');
}

/** XEP-0425: the room itself tells that a moderator retracted something. */
function readModeration(message: Element, at: string): Happening[] {
  const now = message.getChild('retract', 'urn:xmpp:message-retract:1');
  const fastened = message.getChild('apply-to', 'urn:xmpp:fasten:0');
  const moderated = now?.getChild('moderated') ?? fastened?.getChild('moderated');
  const target = (now ?? fastened)?.getAttribute('id');
  if (!moderated || !target) return [];
  const nick = moderated.getAttribute('by')?.split('/')[1] ?? 'moderator';
  return [{ type: 'deletion', deletion: { target, nick, at } }];
}

function readSpeech(message: Element, id: string, by: By): Happening[] {
  const subject = message.getChild('subject');
  const hasBody = message.getChild('body') !== undefined;
  const { nick, account, at: sentAt } = by;
  const common = { id, nick, sentAt, ...(account ? { account } : {}) };
  if (subject && !hasBody) return [{ type: 'message', message: { ...common, kind: 'topic', text: subject.getText() } }];
  const attachment = message.getChild('x', 'jabber:x:oob')?.getChild('url')?.getText();
  if (!hasBody && !attachment) return [];
  return [{ type: 'message', message: { ...common, ...wordsOf(message, attachment) } }];
}

function wordsOf(
  message: Element,
  attachment: string | undefined,
): Pick<NewMessage, 'kind' | 'text' | 'replyTo' | 'originId' | 'attachment'> {
  const { text, replyTo } = bodyOf(message);
  const action = text.startsWith('/me ');
  const originId = message.getAttribute('id');
  return {
    kind: action ? 'action' : 'text',
    text: action ? text.slice('/me '.length) : text,
    ...(replyTo ? { replyTo } : {}),
    ...(originId ? { originId } : {}),
    ...(attachment ? { attachment } : {}),
  };
}

/** Without the quotation that clients put in front for those who know no replies (XEP-0461, XEP-0428). Positions count code points. */
function bodyOf(message: Element): { text: string; replyTo?: string } {
  const text = message.getChild('body')?.getText() ?? '';
  const replyTo = message.getChild('reply', 'urn:xmpp:reply:0')?.getAttribute('id');
  if (!replyTo) return { text };
  const fallback = message.getChildren('fallback', FALLBACK).find((each) => each.getAttribute('for') === 'urn:xmpp:reply:0');
  const range = fallback?.getChild('body');
  const [start, end] = [Number(range?.getAttribute('start')), Number(range?.getAttribute('end'))];
  if (!range || !(start >= 0 && end > start)) return { text, replyTo };
  const points = [...text];
  return { text: [...points.slice(0, start), ...points.slice(end)].join(''), replyTo };
}

function stanzaId(message: Element, room: string): string | undefined {
  const ids = message.getChildren('stanza-id', 'urn:xmpp:sid:0');
  return ids.find((each) => each.getAttribute('by') === room)?.getAttribute('id');
}

/** Real addresses stand in what a non-anonymous room archives, and in presence. */
export function accountOf(stanza: Element, domain: string): string | undefined {
  const address = stanza.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChild('item')?.getAttribute('jid')?.split('/')[0];
  const [name, host] = address?.split('@') ?? [];
  return host === domain ? name : undefined;
}
