import type { Activity, ActivityObject } from '../../platform.ts';
import type { Conversation } from '../conversation.ts';
import { ns } from '../namespaces.ts';
import { original, wireIdOf } from '../originals.ts';
import { sendAndSettle } from '../outgoing.ts';
import type { XmppSession } from '../session.ts';
import { xml, type Element } from '../xml/element.ts';
import { correctAs } from './message.ts';
import { conversationOf, messageIdFor, optionalText, textIn, type Verb } from './verb.ts';

const active = xml('active', { xmlns: ns.chatStates });
const markable = xml('markable', { xmlns: ns.markers });

/** https://www.rfc-editor.org/rfc/rfc6121#section-5 and https://xmpp.org/extensions/xep-0045.html#message */
export const send: Verb = async (session, activity) => {
  const { object } = activity;
  const conversation = conversationOf(session, activity.target);
  const replaced = object?.['xmpp:replace'];
  // Sockethub's own way to say a correction.
  if (isObject(replaced) && typeof replaced['id'] === 'string') return correctAs(session, activity, replaced['id']);
  const replyTo = optionalText(object, 'replyTo');
  const files = attachmentsIn(object);
  const dispatch = (reply?: Reply): Promise<readonly Activity[]> => {
    const body = bodyOf(object, reply?.quote ?? '', files);
    const content = [xml('body', {}, body), ...(reply?.elements ?? []), ...files.flatMap(fileElements), active, markable];
    return sendAndSettle(session, conversation, messageIdFor(session, object), content, 'the message was not sent');
  };
  const isPlain = replyTo === undefined && session.turn === undefined;
  const prepare = async (): Promise<Reply | undefined> =>
    replyTo === undefined ? undefined : replyElements(session, conversation, replyTo);
  return acknowledgement(activity, await (isPlain ? dispatch() : inTurn(session, prepare, dispatch)));
};

interface Reply {
  readonly quote: string;
  readonly elements: readonly Element[];
}

export function acknowledgement(activity: Activity, activities: readonly Activity[]): Activity | undefined {
  const [first] = activities;
  return first === undefined ? undefined : { ...first, id: activity.id };
}

function bodyOf(object: ActivityObject | undefined, quote: string, files: readonly Attachment[]): string {
  const written = optionalText(object, 'content') ?? (files.length > 0 ? '' : textIn(object, 'content'));
  const content = object?.type === 'me' ? `/me ${written}` : written;
  return `${quote}${[content, ...files.map(({ url }) => url)].filter((line) => line !== '').join('\n')}`;
}

/** Prepares and dispatches after all that came before were dispatched; resolves when the copy came back. */
async function inTurn<T, R>(session: XmppSession, prepare: () => Promise<T>, dispatch: (prepared: T) => Promise<R>): Promise<R> {
  // The copy is wrapped: the next one waits for the dispatch only, not for the copy.
  const dispatched = Promise.resolve(session.turn)
    .then(prepare)
    .then((prepared) => ({ copy: dispatch(prepared) }));
  const turn = dispatched.catch(() => undefined);
  session.turn = turn;
  const { copy } = await dispatched.finally(() => {
    if (session.turn === turn) session.turn = undefined;
  });
  return copy;
}

/** https://xmpp.org/extensions/xep-0461.html, with the quote for clients that do not know it. */
async function replyElements(session: XmppSession, conversation: Conversation, replyTo: string): Promise<Reply> {
  const message = await original(session, conversation, replyTo);
  const to = message.sender === '' ? conversation.jid : conversation.isRoom ? `${conversation.jid}/${message.sender}` : message.sender;
  const quote = message.excerpt === '' ? '' : `${message.excerpt.replace(/^/gm, '> ')}\n`;
  const range = xml('body', { start: '0', end: String([...quote].length) });
  const fallback = quote === '' ? undefined : xml('fallback', { xmlns: ns.fallback, for: ns.reply }, range);
  const reply = xml('reply', { xmlns: ns.reply, to, id: wireIdOf(conversation, message) });
  return { quote, elements: fallback === undefined ? [reply] : [reply, fallback] };
}

interface Attachment {
  readonly url: string;
  readonly name: string | undefined;
  readonly mediaType: string | undefined;
  readonly size: number | undefined;
}

function attachmentsIn(object: ActivityObject | undefined): readonly Attachment[] {
  const list: readonly unknown[] = Array.isArray(object?.['attachments']) ? object['attachments'] : [];
  return list.filter(isObject).flatMap(({ url, name, mediaType, size }) => {
    if (typeof url !== 'string' || !/^https?:\/\/\S+$/.test(url)) return [];
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    return [{ url, name: text(name), mediaType: text(mediaType), size: typeof size === 'number' ? size : undefined }];
  });
}

/** https://xmpp.org/extensions/xep-0066.html for all clients, https://xmpp.org/extensions/xep-0447.html for those that want to know more. */
function fileElements({ url, name, mediaType, size }: Attachment): Element[] {
  const optional = (field: string, value: string | undefined): Element | undefined =>
    value === undefined ? undefined : xml(field, {}, value);
  const file = xml(
    'file',
    { xmlns: ns.fileMetadata },
    optional('media-type', mediaType),
    optional('name', name),
    optional('size', size === undefined ? undefined : String(size)),
  );
  const sources = xml('sources', {}, xml('url-data', { xmlns: ns.urlData, target: url }));
  return [
    xml('x', { xmlns: ns.oob }, xml('url', {}, url)),
    xml('file-sharing', { xmlns: ns.fileSharing, disposition: 'inline' }, file, sources),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
