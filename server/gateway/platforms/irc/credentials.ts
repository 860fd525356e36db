import { KosmosError } from '../../../foundation/errors.ts';
import type { SessionContext } from '../platform.ts';
import type { Identity } from './connection/registration.ts';
import { bearer, external, plain, ScramSha256, type SaslMechanism } from './connection/sasl.ts';

/** The `object` of the credentials message, as its schema has it. */
export interface IrcCredentials {
  readonly nick: string;
  readonly server: string;
  readonly port?: number;
  readonly secure?: boolean;
  readonly username?: string;
  readonly realname?: string;
  readonly password?: string;
  readonly token?: string;
  readonly sasl?: boolean;
  readonly saslMechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'EXTERNAL' | 'IRCV3BEARER' | 'OAUTHBEARER';
  readonly serverPassword?: string;
  /** PEM, for SASL EXTERNAL. */
  readonly certificate?: string;
  readonly key?: string;
}

const PLAIN_PORT = 6667;
const TLS_PORT = 6697;

/** TLS unless it is switched off or the port is the plain one. */
export function isSecure({ secure, port }: IrcCredentials): boolean {
  return secure ?? port !== PLAIN_PORT;
}

export function portOf(credentials: IrcCredentials): number {
  return credentials.port ?? (isSecure(credentials) ? TLS_PORT : PLAIN_PORT);
}

/** Who the session is on its server. For the team server a token is fetched, valid for one attempt. */
export async function identityOf(context: SessionContext, credentials: IrcCredentials): Promise<Identity> {
  const { nick, realname } = credentials;
  const name = { nick, realname: realname ?? context.actor.name ?? nick };
  if (context.isTeamServer) {
    const token = await context.mintToken();
    return { ...name, username: context.account.slice(0, 10), anonymous: false, mechanisms: () => [bearer(token)] };
  }
  const { password, token, certificate, serverPassword, sasl } = credentials;
  const hasSecret = (password ?? token ?? certificate) !== undefined;
  const asServerPassword = sasl === false ? password : undefined;
  return {
    ...name,
    username: credentials.username ?? nick.replace(/[^\w.-]/g, '').slice(0, 10) + (/[\w.-]/.test(nick) ? '' : 'kosmos'),
    serverPassword: serverPassword ?? asServerPassword,
    anonymous: !hasSecret || asServerPassword !== undefined,
    mechanisms: (offered) => (asServerPassword === undefined ? mechanismsOf(credentials, offered) : []),
  };
}

/** Best first. What the server does not list is left out, but the one that the user asked for is tried as the only one. */
function mechanismsOf(credentials: IrcCredentials, offered: readonly string[] | undefined): SaslMechanism[] {
  const { username, nick, password, token, certificate, saslMechanism } = credentials;
  if (offered?.length === 0) return [];
  const name = username ?? nick;
  const known: SaslMechanism[] = [];
  if (certificate !== undefined) known.push(external());
  if (token !== undefined) known.push(bearer(token));
  if (password !== undefined) known.push(new ScramSha256(name, password), plain(name, password));
  if (saslMechanism !== undefined) return known.filter((mechanism) => mechanism.name === saslMechanism);
  return known.filter((mechanism) => offered?.includes(mechanism.name) ?? mechanism.name !== 'SCRAM-SHA-256');
}

/** Throws KOSMOS_ERR_VALIDATION for what the schema cannot say. */
export function checkCredentials(credentials: IrcCredentials): IrcCredentials {
  if ((credentials.certificate === undefined) !== (credentials.key === undefined)) {
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'certificate and key belong together' });
  }
  return credentials;
}
