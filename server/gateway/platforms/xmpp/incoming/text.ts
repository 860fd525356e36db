import type { Activity, ActivityObject } from '../../platform.ts';
import { EXCERPT } from '../conversation.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, childText, elementsOf, textOf, type Element } from '../xml/element.ts';
import { activity, idOf, referred, type Message } from './message.ts';

/** https://www.rfc-editor.org/rfc/rfc6121#section-5.2.3 */
export function readText(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const { stanza, conversation } = message;
  const body = childText(stanza, 'body');
  if (body === undefined) return undefined;
  const attachments = attachmentsOf(stanza);
  const reply = childOf(stanza, 'reply', ns.reply)?.attributes['id'];
  const { type, content } = contentOf(stanza, attachments);
  conversation.remember({
    archiveId: message.archiveId,
    messageId: message.messageId,
    sender: message.sender,
    excerpt: Buffer.from(content.slice(0, EXCERPT)).toString('utf8'),
    at: Date.parse(message.published),
  });
  const object: ActivityObject = {
    type,
    id: idOf(message),
    ...(message.archiveId === undefined && !message.isOwn ? {} : { originId: message.messageId }),
    ...(message.archiveId === undefined ? {} : { 'xmpp:stanza-id': message.archiveId }),
    content,
    ...(reply === undefined ? {} : { replyTo: referred(conversation, reply) }),
    ...(attachments.length === 0 ? {} : { attachments }),
  };
  return [activity('send', message, object)];
}

/** The text without what stands in it only for clients that know no replies and attachments. */
export function contentOf(stanza: Element, attachments = attachmentsOf(stanza)): { type: string; content: string } {
  let content = withoutFallback(stanza, childText(stanza, 'body') ?? '').slice(0, limits.text);
  for (const { url } of attachments.toReversed()) if (content.endsWith(url)) content = content.slice(0, -url.length).trimEnd();
  if (content.startsWith('/me ')) return { type: 'me', content: content.slice(4) };
  return { type: stanza.attributes['type'] === 'headline' ? 'notice' : 'message', content };
}

/** https://xmpp.org/extensions/xep-0428.html; positions count code points. */
function withoutFallback(stanza: Element, body: string): string {
  const fallback = childrenOf(stanza, 'fallback', ns.fallback).find(({ attributes }) => attributes['for'] === ns.reply);
  const range = childOf(fallback, 'body');
  if (fallback === undefined || childOf(stanza, 'reply', ns.reply) === undefined) return body;
  const start = Number(range?.attributes['start'] ?? 0);
  const end = Number(range?.attributes['end'] ?? Infinity);
  const points = [...body];
  return start >= 0 && end > start ? points.slice(0, start).join('') + points.slice(end).join('') : body;
}

interface Attachment {
  readonly url: string;
  readonly name?: string;
  readonly mediaType?: string;
  readonly size?: number;
}

const MOST_ATTACHMENTS = 20;
const address = /^https?:\/\/[^\s<>"]{1,2000}$/;

/** https://xmpp.org/extensions/xep-0066.html, told more of by https://xmpp.org/extensions/xep-0447.html */
export function attachmentsOf(stanza: Element): readonly Attachment[] {
  const attachments = new Map<string, Attachment>();
  for (const { name, namespace, ...rest } of elementsOf(stanza).slice(0, limits.elementsRead)) {
    const element = { name, namespace, ...rest };
    if (namespace === ns.fileSharing) add(attachments, sharedFile(element));
    if (namespace === ns.oob) {
      const url = childText(element, 'url') ?? '';
      if (!attachments.has(url)) add(attachments, { url, ...named(childText(element, 'desc')) });
    }
  }
  return [...attachments.values()];
}

function add(attachments: Map<string, Attachment>, attachment: Attachment | undefined): void {
  if (attachment === undefined || !address.test(attachment.url) || attachments.size >= MOST_ATTACHMENTS) return;
  attachments.set(attachment.url, attachment);
}

function sharedFile(sharing: Element): Attachment | undefined {
  const file = childOf(sharing, 'file', ns.fileMetadata);
  const url = childOf(childOf(sharing, 'sources'), 'url-data', ns.urlData)?.attributes['target'];
  const size = Number(childText(file, 'size') ?? NaN);
  const mediaType = textOf(childOf(file, 'media-type'));
  if (url === undefined) return undefined;
  return {
    url,
    ...named(childText(file, 'name')),
    ...(mediaType === undefined ? {} : { mediaType: mediaType.slice(0, 200) }),
    ...(Number.isSafeInteger(size) ? { size } : {}),
  };
}

function named(name: string | undefined): { name?: string } {
  return name === undefined || name === '' ? {} : { name: name.slice(0, 255) };
}
