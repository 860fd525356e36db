/** The gateway's vocabulary: docs/develop/gateway-protocol.md is its specification. */
export type Platform = 'irc' | 'xmpp';

export interface ActivityObject {
  type: string;
  id?: string;
  name?: string;
  content?: string;
  [field: string]: unknown;
}

export interface Person extends ActivityObject {
  account?: string;
  role?: string;
  away?: string | boolean;
  presence?: string;
}

export interface Activity {
  '@context'?: readonly string[];
  context?: string;
  id?: string;
  type: string;
  actor: ActivityObject;
  target?: ActivityObject;
  object?: ActivityObject;
  published?: string;
  error?: string;
  errorCode?: string;
}

export interface Attachment {
  url: string;
  name?: string;
  mediaType?: string;
  size?: number;
}

const activityStreams = 'https://www.w3.org/ns/activitystreams';
const sockethub = 'https://sockethub.org/ns/context/v1.jsonld';

export function contextOf(platform: Platform): readonly string[] {
  return [activityStreams, sockethub, `https://sockethub.org/ns/context/platform/${platform}/v1.jsonld`];
}

export function platformOf(activity: Activity): string | undefined {
  if (activity.context) return activity.context;
  return activity['@context']?.[2]?.split('/platform/')[1]?.split('/')[0];
}

/** A failed request as the gateway reports it, or one that nobody answered. */
export class GatewayError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** It never left this browser: to send it again cannot double it. */
    readonly isUnsent = false,
  ) {
    super(message);
  }
}

/** `bob@example.org/phone` → `bob@example.org`. */
export function bare(address: string): string {
  const slash = address.indexOf('/');
  return slash < 0 ? address : address.slice(0, slash);
}

export function localPart(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}

export function nameOf(who: ActivityObject | undefined): string {
  if (!who) return '';
  return who.name ?? localPart(bare(who.id ?? ''));
}
