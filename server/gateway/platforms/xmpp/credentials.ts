import { KosmosError } from '../../../foundation/errors.ts';
import { domainOf, localOf, preparedBare } from './jid.ts';

/** What a session logs in with. */
export interface XmppAccount {
  /** Bare address. */
  readonly jid: string;
  readonly username: string;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly password: string | undefined;
  /** Where to connect to, if not where the domain's DNS says. */
  readonly server: string | undefined;
  readonly port: number | undefined;
}

/** Reads the `credentials` object, which the schema has checked. Throws KOSMOS_ERR_VALIDATION for what is no address. */
export function accountOf(credentials: Readonly<Record<string, unknown>>): XmppAccount {
  const typed = text(credentials['userAddress']) ?? '';
  const jid = preparedBare(typed);
  if (jid === undefined || !jid.includes('@')) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `“${typed}” is no XMPP address` });
  const slash = typed.indexOf('/');
  const resource = text(credentials['resource']) ?? (slash === -1 ? undefined : typed.slice(slash + 1));
  const server = text(credentials['server'])?.toLowerCase();
  const [host, port] = splitPort(server);
  return {
    jid,
    username: localOf(jid),
    domain: domainOf(jid),
    resource: resource === undefined || resource === '' ? undefined : resource,
    password: text(credentials['password']),
    server: host === domainOf(jid) && port === undefined && credentials['port'] === undefined ? undefined : host,
    port: typeof credentials['port'] === 'number' ? credentials['port'] : port,
  };
}

function splitPort(server: string | undefined): [host: string | undefined, port: number | undefined] {
  const match = /^(?:xmpps?:\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?$/.exec(server ?? '');
  const host = match?.[1]?.replace(/^\[|\]$/g, '');
  return [host, match?.[2] === undefined ? undefined : Number(match[2])];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
