import { personOf, roomOf } from '../activities.ts';
import { bookmarkIn } from '../bookmarks.ts';
import { ns } from '../namespaces.ts';
import { itemsOf } from '../personal-events.ts';
import { childOf, childrenOf, xml } from '../xml/element.ts';
import type { Verb } from './verb.ts';

const MOST_BOOKMARKS = 500;

/** https://www.rfc-editor.org/rfc/rfc6121#section-2 */
export const queryRoster: Verb = (session, activity) => {
  const items = session.contacts.all.map((contact) => {
    const presence = session.contacts.presenceOf(contact.jid);
    return {
      ...personOf(session, contact.jid),
      subscription: contact.subscription,
      ...(contact.isAsked ? { requested: true } : {}),
      ...(contact.groups.length === 0 ? {} : { groups: contact.groups }),
      presence: presence?.show ?? 'offline',
      ...(presence?.status === undefined ? {} : { content: presence.status }),
    };
  });
  return Promise.resolve({ ...activity, object: { type: 'collection', items, complete: true } });
};

/** https://xmpp.org/extensions/xep-0402.html */
export const queryBookmarks: Verb = async (session, activity) => {
  const found = await itemsOf(session, ns.bookmarks, MOST_BOOKMARKS);
  const items = found.flatMap((item) => {
    const bookmark = bookmarkIn(item);
    if (bookmark === undefined) return [];
    const { jid, ...rest } = bookmark;
    return [{ ...roomOf(jid), ...rest }];
  });
  return { ...activity, object: { type: 'collection', items, complete: true } };
};

/** https://xmpp.org/extensions/xep-0191.html */
export const queryBlocked: Verb = async (session, activity) => {
  const answer = await session.connection.request(
    'get',
    undefined,
    xml('blocklist', { xmlns: ns.blocking }),
    'the block list was not given',
  );
  const items = childrenOf(childOf(answer, 'blocklist', ns.blocking), 'item').map(({ attributes }) =>
    personOf(session, attributes['jid'] ?? ''),
  );
  return { ...activity, object: { type: 'collection', items, complete: true } };
};
