import { roomOf } from '../activities.ts';
import { limits } from '../limits.ts';
import { discoItems, factsOf, formField, infoOf } from '../service-discovery.ts';
import type { XmppSession } from '../session.ts';
import { childrenOf, type Element } from '../xml/element.ts';
import { addressOf, optionalText, type Verb } from './verb.ts';

/** https://xmpp.org/extensions/xep-0045.html#disco-rooms, of the own server or of the service that is the target. */
export const queryRooms: Verb = async (session, activity) => {
  const isGiven = activity.target?.id !== undefined && activity.target.id !== session.account.domain;
  const service = isGiven ? addressOf(activity.target, 'target') : (await factsOf(session)).rooms;
  if (service === undefined) throw session.notSupported('rooms');
  const pattern = optionalText(activity.object, 'content')?.toLowerCase().replaceAll('*', '') ?? '';
  const listed = await discoItems(session, service, 'the rooms were not given');
  const wanted = listed.filter(({ attributes: { jid = '', name = '' } }) => `${jid} ${name}`.toLowerCase().includes(pattern));
  const items = await Promise.all(wanted.slice(0, limits.listedRooms).map((item) => describe(session, item)));
  return { ...activity, object: { type: 'collection', items, complete: wanted.length <= limits.listedRooms } };
};

async function describe(session: XmppSession, { attributes }: Element): Promise<object> {
  const jid = attributes['jid'] ?? '';
  const info = await infoOf(session, jid, '').catch(() => undefined);
  const members = Number(formField(info, 'muc#roominfo_occupants') ?? NaN);
  const topic = formField(info, 'muc#roominfo_subject') || formField(info, 'muc#roominfo_description');
  const title = childrenOf(info, 'identity')[0]?.attributes['name'] ?? attributes['name'];
  return {
    ...roomOf(jid),
    ...(title === undefined || title === '' ? {} : { title: title.slice(0, 200) }),
    topic: topic ?? '',
    ...(Number.isSafeInteger(members) ? { members } : {}),
  };
}
