import { ns } from './namespaces.ts';
import { childOf, childText, xml, type Element } from './xml/element.ts';

/** https://xmpp.org/extensions/xep-0402.html */
export interface Bookmark {
  readonly jid: string;
  readonly name?: string;
  readonly nick?: string;
  readonly autojoin: boolean;
}

export function bookmarkIn(item: Element): Bookmark | undefined {
  const conference = childOf(item, 'conference', ns.bookmarks);
  const jid = item.attributes['id'];
  if (conference === undefined || jid === undefined) return undefined;
  const { name, autojoin } = conference.attributes;
  const nick = childText(conference, 'nick');
  return { jid, autojoin: autojoin === 'true' || autojoin === '1', ...(name ? { name } : {}), ...(nick ? { nick } : {}) };
}

export function bookmarkElement({ name, nick, autojoin }: Omit<Bookmark, 'jid'>): Element {
  return xml(
    'conference',
    { xmlns: ns.bookmarks, name, autojoin: String(autojoin) },
    nick === undefined ? undefined : xml('nick', {}, nick),
  );
}
