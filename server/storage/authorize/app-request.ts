import { KosmosError, isKosmosError } from '../../foundation/errors.ts';
import { parseScopes, type StorageScope } from '../../identity/storage-scopes.ts';

/** What an app asks for (RFC 6749, 4.2.1), as far as it is safe to answer to its redirect_uri. */
export interface AppRequest {
  readonly redirectUri: string;
  /** Its origin: what draft-dejong-remotestorage, section 10, knows an app by. */
  readonly client: string;
  readonly state: string | undefined;
  readonly scopes: readonly StorageScope[];
}

/** RFC 6749, 4.2.2.1: goes back to the app, which has proved nothing but its address. */
export class RefusedRequest extends Error {
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly reason: string;

  constructor(request: Pick<AppRequest, 'redirectUri' | 'state'>, reason: string, description: string) {
    super(description);
    this.redirectUri = request.redirectUri;
    this.state = request.state;
    this.reason = reason;
  }
}

const LONGEST = 2_048;

/** Throws KOSMOS_ERR_STORAGE_APP where the answer must not go to redirect_uri, and RefusedRequest where it may. `ownHost` is ours. */
export function readAppRequest(query: URLSearchParams, ownHost: string): AppRequest {
  const redirectUri = query.get('redirect_uri') ?? refuse('it sent no redirect_uri');
  const client = clientOf(redirectUri, ownHost);
  const state = query.get('state') ?? undefined;
  if ((state?.length ?? 0) > LONGEST) refuse('its state is too long');
  const responseType = query.get('response_type');
  if (responseType !== 'token') {
    throw new RefusedRequest({ redirectUri, state }, 'unsupported_response_type', 'The only response_type here is token.');
  }
  try {
    return { redirectUri, client, state, scopes: parseScopes(query.get('scope') ?? '') };
  } catch (error) {
    if (!isKosmosError(error)) throw error;
    throw new RefusedRequest({ redirectUri, state }, 'invalid_scope', error.message);
  }
}

/** `redirect_uri#name=value&…`: a fragment never reaches the app's server. */
export function redirectWith(redirectUri: string, values: Record<string, string | undefined>): string {
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  // remotestorage.js does not read `+` as a space, which URLSearchParams would write.
  return `${redirectUri}#${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

function clientOf(redirectUri: string, ownHost: string): string {
  if (redirectUri.length > LONGEST || !URL.canParse(redirectUri)) refuse('its redirect_uri is not an address');
  const url = new URL(redirectUri);
  if (redirectUri.includes('#') || url.username || url.password) refuse('its redirect_uri has a fragment or a password in it');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isNear(url, ownHost))) return url.origin;
  if (url.protocol === 'http:') refuse('it is not served over https, so anybody on the way could take your data');
  // RFC 8252, 7.1: an app of a phone or desktop has a scheme with a dot, such as org.example.notes.
  if (/^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)) return url.protocol;
  return refuse('its redirect_uri is not one of the web');
}

/** An app on this computer, or served by the appliance itself. */
function isNear({ hostname, host }: URL, ownHost: string): boolean {
  return host === ownHost || hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function refuse(reason: string): never {
  throw new KosmosError('KOSMOS_ERR_STORAGE_APP', { reason });
}
