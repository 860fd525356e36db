import { KosmosError } from '../../foundation/errors.ts';
import type { ControlClient } from '../../foundation/control-client.ts';
import { checkSameOrigin, findCookie, SESSION_COOKIE } from '../../foundation/same-origin.ts';
import type { Guests } from './guests.ts';

/** Who stands behind a socket. */
export interface Visitor {
  readonly account: { readonly id: string; readonly name: string; readonly isGuest?: boolean };
  readonly session: { readonly id: string; readonly expiresAt: string };
  /** To be called when the socket is gone. */
  readonly left?: () => void;
}

export interface Handshake {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly auth: Readonly<Record<string, unknown>>;
}

const LONGEST_TOKEN = 4_096;

/** The account of a handshake's session. Throws KOSMOS_ERR_UNAUTHENTICATED, KOSMOS_ERR_CROSS_ORIGIN or what control answers. */
export async function admit(
  control: ControlClient,
  handshake: Handshake,
  domain: string,
  guests?: Pick<Guests, 'enter'>,
): Promise<Visitor> {
  const token = tokenOf(handshake, domain);
  if (token === undefined && guests) return guests.enter(handshake);
  if (token === undefined || token.length > LONGEST_TOKEN) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
  return control.request<Visitor>({ method: 'POST', path: '/internal/sessions/check', body: { token } });
}

function tokenOf({ headers, auth }: Handshake, domain: string): string | undefined {
  if (typeof auth['token'] === 'string') return auth['token'];
  const bearer = /^Bearer (.+)$/i.exec(one(headers['authorization']) ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const cookie = findCookie(one(headers['cookie']), SESSION_COOKIE);
  // A browser sends the cookie by itself: the page that asks must be ours.
  if (cookie !== undefined) checkOrigin(headers, domain);
  return cookie;
}

function checkOrigin(headers: Handshake['headers'], domain: string): void {
  checkSameOrigin({ origin: one(headers['origin']) }, [one(headers['x-forwarded-host']), one(headers['host']), domain]);
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
