import { KosmosError } from '../../../../foundation/errors.ts';
import type { ActivityObject } from '../../platform.ts';
import { bareOf } from '../jid.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText, elementsOf, xml, type Element } from '../xml/element.ts';
import { addressOf, optionalText, type Verb } from './verb.ts';

const image = /^image\/(?:png|jpeg|gif|webp)$/;

/** https://xmpp.org/extensions/xep-0054.html, which servers also fill from https://xmpp.org/extensions/xep-0084.html */
export const queryProfile: Verb = async (session, activity) => {
  const bare = addressOf(activity.target, 'target');
  const vcard = await vcardOf(session, session.rooms.has(bare) ? (activity.target?.id ?? bare) : bare);
  const name = fullNameOf(vcard);
  const avatar = avatarOf(vcard);
  return { ...activity, object: { type: 'profile', ...(name === undefined ? {} : { name }), ...(avatar === undefined ? {} : { avatar }) } };
};

/** Changes the own profile: what the request does not name stays as it is. */
export const setProfile: Verb = async (session, activity) => {
  const name = optionalText(activity.object, 'name');
  const avatar = activity.object?.['avatar'] as Record<string, unknown> | undefined;
  const photo = avatar === undefined ? undefined : photoElement(avatar);
  const before = await vcardOf(session, session.account.jid).catch(() => undefined);
  const replaced = new Set([...(name === undefined ? [] : ['FN']), ...(photo === undefined ? [] : ['PHOTO'])]);
  const kept = elementsOf(before).filter(({ name: field }) => !replaced.has(field));
  const fullName = name === undefined ? undefined : xml('FN', {}, name);
  await session.connection.request(
    'set',
    undefined,
    xml('vCard', { xmlns: ns.vcard }, kept, fullName, photo),
    'the profile was not changed',
  );
  return undefined;
};

export async function vcardOf(session: XmppSession, jid: string): Promise<Element | undefined> {
  const to = bareOf(jid) === session.account.jid ? undefined : jid;
  const answer = await session.connection.request('get', to, xml('vCard', { xmlns: ns.vcard }), 'there is no profile');
  return childOf(answer, 'vCard', ns.vcard);
}

export function fullNameOf(vcard: Element | undefined): string | undefined {
  return childText(vcard, 'FN')?.slice(0, 200) || undefined;
}

function avatarOf(vcard: Element | undefined): ActivityObject['avatar'] {
  const photo = childOf(vcard, 'PHOTO');
  const mediaType = childText(photo, 'TYPE') ?? 'image/png';
  const data = childText(photo, 'BINVAL')?.replace(/\s/g, '');
  // Only images, or somebody else's profile could hand the browser a document.
  return data === undefined || data === '' || !image.test(mediaType) || !/^[\w+/=]+$/.test(data) ? undefined : { data, mediaType };
}

function photoElement({ data, mediaType }: Record<string, unknown>): Element {
  if (typeof data !== 'string' || typeof mediaType !== 'string' || !image.test(mediaType) || !/^[\w+/=]+$/.test(data)) {
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.avatar needs base64 data and the mediaType of an image' });
  }
  if (data.length > (limits.avatar * 4) / 3) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: limits.avatar });
  return xml('PHOTO', {}, xml('TYPE', {}, mediaType), xml('BINVAL', {}, data));
}
