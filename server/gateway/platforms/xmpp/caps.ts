import { createHash } from 'node:crypto';
import { ns } from './namespaces.ts';
import { xml, type Element } from './xml/element.ts';

/** What we tell others that we know. `+notify` asks for the account's own events. */
const features = [
  ns.caps,
  ns.chatStates,
  ns.discoInfo,
  ns.markers,
  ns.stanzaId,
  ns.correct,
  ns.retract,
  ns.reactions,
  ns.reply,
  ns.oob,
  ns.ping,
  ns.conference,
  ns.muc,
  `${ns.bookmarks}+notify`,
  `${ns.displayed}+notify`,
].toSorted();
const node = 'https://kosmos.chat/gateway';
const identity = { category: 'client', type: 'web', name: 'Kosmos Chat' };
/** https://xmpp.org/extensions/xep-0115.html#ver-gen */
const version = createHash('sha1')
  .update(`${identity.category}/${identity.type}//${identity.name}<${features.map((feature) => `${feature}<`).join('')}`)
  .digest('base64');

export const caps: Element = xml('c', { xmlns: ns.caps, hash: 'sha-1', node, ver: version });

/** https://xmpp.org/extensions/xep-0030.html */
export function discoInfo(askedNode: string | undefined): Element {
  const known = features.map((feature) => xml('feature', { var: feature }));
  return xml('query', { xmlns: ns.discoInfo, node: askedNode }, xml('identity', identity), known);
}
