import { isKosmosError, KosmosError, messageOf } from '../../../../foundation/errors.ts';
import { connectionError } from '../../connection-error.ts';
import type { SessionContext } from '../../platform.ts';
import type { XmppAccount } from '../credentials.ts';
import { limits } from '../limits.ts';
import { Dialogue } from './dialogue.ts';
import { endpointsOf, type Endpoint, type ResolveSrv } from './endpoints.ts';
import { login, type Login, type LoginRequest } from './login.ts';
import { openTcp } from './tcp.ts';
import type { Transport } from './transport.ts';
import { openWebSocket } from './websocket.ts';

export interface DialOptions {
  /** Certificates to trust besides the system's; for tests. */
  readonly ca?: string;
  readonly resolveSrv?: ResolveSrv;
  /** Instead of `limits.silence` and `limits.answerTime`. */
  readonly silence?: number;
  readonly answerTime?: number;
}

export interface Dialled {
  readonly transport: Transport;
  readonly dialogue: Dialogue;
  readonly login: Login;
}

/** Connects and logs in: to the team server by its inner websocket, to others where DNS says. Throws coded errors. */
export async function dial(
  context: SessionContext,
  account: XmppAccount,
  options: DialOptions,
  resumption: LoginRequest['resumption'],
  resource: string | undefined,
): Promise<Dialled> {
  const patience = new AbortController();
  const abort = (): void => patience.abort();
  const timer = setTimeout(abort, limits.connectTime);
  context.closing.addEventListener('abort', abort);
  try {
    const transport = await connect(context, account, options, patience.signal);
    patience.signal.addEventListener('abort', () => transport.destroy('it took too long'));
    const secret = await secretOf(context, account);
    const request = { ...account, resource: resource ?? account.resource, secret, isToken: context.isTeamServer, resumption };
    const dialogue = new Dialogue(transport);
    try {
      return { transport, dialogue, login: await login(dialogue, transport, request) };
    } catch (error) {
      transport.destroy(messageOf(error));
      throw error;
    }
  } catch (error) {
    throw isKosmosError(error) ? error : connectionError(account.domain, error);
  } finally {
    clearTimeout(timer);
    context.closing.removeEventListener('abort', abort);
  }
}

async function secretOf(context: SessionContext, account: XmppAccount): Promise<string> {
  // The token is the account's own: with another's address it would only be refused by the server, and looked at there.
  if (context.isTeamServer && account.username !== context.account) {
    throw new KosmosError('KOSMOS_ERR_FORBIDDEN', { action: `log in as ${account.jid}` });
  }
  if (context.isTeamServer) return context.mintToken();
  if (account.password !== undefined) return account.password;
  throw new KosmosError('KOSMOS_ERR_SERVER_LOGIN', { server: account.domain, reason: 'no password was given' });
}

async function connect(context: SessionContext, account: XmppAccount, options: DialOptions, signal: AbortSignal): Promise<Transport> {
  if (context.isTeamServer) {
    const [endpoint] = await endpointsOf({ ...account, server: account.server ?? account.domain });
    const { host, port } = endpoint as Endpoint;
    return openWebSocket(await context.resolve(host, port), account.domain, signal);
  }
  let failure: unknown;
  for (const endpoint of await endpointsOf(account, options.resolveSrv)) {
    try {
      const address = await context.resolve(endpoint.host, endpoint.port);
      return await openTcp(address, { domain: account.domain, isDirectTls: endpoint.isDirectTls, ...options, signal });
    } catch (error) {
      failure = error;
      if (signal.aborted) break;
    }
  }
  throw failure;
}
