import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { xml } from '../xml/element.ts';
import { addressOf, type Verb } from './verb.ts';

/** https://www.rfc-editor.org/rfc/rfc6121#section-3.1 */
export const requestFriend: Verb = (session, activity) => {
  session.connection.send(xml('presence', { to: addressOf(activity.target, 'target'), type: 'subscribe' }));
  return Promise.resolve(undefined);
};

/** Accepts a request and asks back: friends see each other. */
export const makeFriend: Verb = (session, activity) => {
  const to = addressOf(activity.target, 'target');
  session.connection.send(xml('presence', { to, type: 'subscribed' }));
  const isSubscribed = /^(?:to|both)$/.test(session.contacts.find(to)?.subscription ?? '');
  if (!isSubscribed) session.connection.send(xml('presence', { to, type: 'subscribe' }));
  return Promise.resolve(undefined);
};

/** https://www.rfc-editor.org/rfc/rfc6121#section-2.5; for somebody who only asked it is a refusal. */
export const removeFriend: Verb = async (session, activity) => {
  const jid = addressOf(activity.target, 'target');
  if (session.contacts.find(jid) === undefined) {
    session.connection.send(xml('presence', { to: jid, type: 'unsubscribed' }));
    return undefined;
  }
  const item = xml('item', { jid, subscription: 'remove' });
  await session.connection.request('set', undefined, xml('query', { xmlns: ns.roster }, item), `${jid} was not removed`);
  return undefined;
};

/** https://xmpp.org/extensions/xep-0191.html */
export const block: Verb = (session, activity) => change(session, activity, 'block');

export const unblock: Verb = (session, activity) => change(session, activity, 'unblock');

async function change(session: XmppSession, activity: Activity, what: 'block' | 'unblock'): Promise<undefined> {
  const jid = addressOf(activity.target, 'target');
  await session.connection.request('set', undefined, xml(what, { xmlns: ns.blocking }, xml('item', { jid })), `${jid} was not ${what}ed`);
  return undefined;
}
