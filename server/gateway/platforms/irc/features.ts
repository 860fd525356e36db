import { KosmosError } from '../../../foundation/errors.ts';
import type { IrcConnection } from './connection/connection.ts';
import { tags } from './messages.ts';
import type { IrcSession } from './session.ts';

export type Feature = 'history' | 'reactions' | 'replies' | 'corrections' | 'deletion' | 'typing' | 'markers' | 'multiline' | 'invitations';

const byCapability: readonly (readonly [Feature, string])[] = [
  ['history', 'draft/chathistory'],
  ['deletion', 'draft/message-redaction'],
  ['markers', 'draft/read-marker'],
  ['multiline', 'draft/multiline'],
];
const byTag: readonly (readonly [Feature, string])[] = [
  ['reactions', tags.react],
  ['replies', tags.reply],
  ['typing', tags.typing],
  ['corrections', tags.replaces],
];

/** What a client may offer on this server. */
export function featuresOf({ capabilities, isupport }: IrcConnection): Feature[] {
  const features: Feature[] = byCapability.filter(([, capability]) => capabilities.has(capability)).map(([feature]) => feature);
  if (capabilities.has('message-tags')) {
    features.push(...byTag.filter(([, tag]) => isupport.allowsTag(tag.slice(1))).map(([feature]) => feature));
  }
  return [...features, 'invitations'];
}

/** Throws KOSMOS_ERR_NOT_SUPPORTED, or KOSMOS_ERR_NOT_CONNECTED while nobody knows. */
export function checkFeature(session: IrcSession, feature: Feature): void {
  if (featuresOf(session.connection).includes(feature)) return;
  throw new KosmosError('KOSMOS_ERR_NOT_SUPPORTED', { server: session.server, feature });
}
