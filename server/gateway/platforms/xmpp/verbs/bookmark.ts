import { bookmarkElement } from '../bookmarks.ts';
import { ns } from '../namespaces.ts';
import { publish } from '../personal-events.ts';
import { xml } from '../xml/element.ts';
import { addressOf, optionalText, type Verb } from './verb.ts';

/** https://xmpp.org/extensions/xep-0402.html */
export const bookmark: Verb = async (session, activity) => {
  const jid = addressOf(activity.target, 'target');
  const { object } = activity;
  const name = optionalText(object, 'name');
  const nick = optionalText(object, 'nick');
  const kept = {
    autojoin: object?.['autojoin'] !== false,
    ...(name === undefined ? {} : { name }),
    ...(nick === undefined ? {} : { nick }),
  };
  await publish(session, ns.bookmarks, jid, bookmarkElement(kept), 'the bookmark was not kept');
  return undefined;
};

export const removeBookmark: Verb = async (session, activity) => {
  const jid = addressOf(activity.target, 'target');
  const retract = xml('retract', { node: ns.bookmarks, notify: 'true' }, xml('item', { id: jid }));
  await session.connection.request('set', undefined, xml('pubsub', { xmlns: ns.pubsub }, retract), 'the bookmark was not removed');
  return undefined;
};
