import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlClient } from '../../foundation/control-client.ts';
import { equalSecrets, hashToken } from '../../foundation/crypto.ts';
import { isKosmosError, KosmosError } from '../../foundation/errors.ts';
import { checkSameOrigin, findCookie, SESSION_COOKIE } from '../../foundation/same-origin.ts';
import type { Database } from '../../database/database.ts';
import { getAccount } from '../../identity/accounts.ts';
import { createGrant } from '../../identity/storage-grants.ts';
import { formatScopes } from '../../identity/storage-scopes.ts';
import { looksLikeToken } from '../../identity/tokens.ts';
import { readForm, visitOf, type Visit } from '../http.ts';
import { readAppRequest, redirectWith, RefusedRequest, type AppRequest } from './app-request.ts';
import { consentPage, pageHeaders, problemPage } from './page.ts';
import { Tickets } from './tickets.ts';

const LARGEST_FORM = 32 * 1024;

export interface Authority {
  readonly database: Database;
  readonly control: ControlClient;
  readonly findDomain: () => Promise<string>;
  readonly key: Buffer;
}

/** The page where somebody lets an app into their storage (RFC 6749, 4.2; draft-dejong-remotestorage, section 10). */
export class Authorize {
  readonly #authority: Authority;
  readonly #tickets: Tickets;

  constructor(authority: Authority) {
    this.#authority = authority;
    this.#tickets = new Tickets(authority.key);
  }

  async handle(request: IncomingMessage, response: ServerResponse, name: string, query: URLSearchParams): Promise<void> {
    try {
      const visit = visitOf(request);
      if (!/^[a-z][a-z0-9_-]{1,29}$/.test(name))
        throw new KosmosError('KOSMOS_ERR_STORAGE_APP', { reason: 'the account has no valid name' });
      if (request.method === 'POST') await this.#decide(request, response, visit, name);
      else if (request.method === 'GET' || request.method === 'HEAD') await this.#ask(request, response, visit, name, query);
      else throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    } catch (error) {
      if (error instanceof RefusedRequest) return redirect(response, error, { error: error.reason, error_description: error.message });
      if (!isKosmosError(error)) throw error;
      send(response, error.status, problemPage(await this.#authority.findDomain(), error.message), pageHeaders());
    }
  }

  async #ask(request: IncomingMessage, response: ServerResponse, visit: Visit, name: string, query: URLSearchParams): Promise<void> {
    const asked = readAppRequest(query, visit.host);
    const cookie = findCookie(request.headers.cookie, SESSION_COOKIE);
    const isLoggedIn = cookie !== undefined && (await this.#ownsSession(cookie, name));
    await this.#show(response, 200, asked, name, isLoggedIn ? cookie : undefined);
  }

  async #decide(request: IncomingMessage, response: ServerResponse, visit: Visit, name: string): Promise<void> {
    checkSameOrigin(request.headers, [visit.host]);
    const form = await readForm(request, LARGEST_FORM);
    const { request: asked, session } = this.#tickets.open(form.get('ticket') ?? '', name);
    if (form.get('decision') !== 'allow') throw new RefusedRequest(asked, 'access_denied', 'The app was not allowed to use the storage.');
    try {
      if (session !== null) await this.#checkSession(request, name, session);
      else await this.#checkPassword(name, form.get('password') ?? '', visit);
    } catch (error) {
      if (!isKosmosError(error)) throw error;
      return this.#show(response, error.status, asked, name, undefined, error.message);
    }
    const account = await getAccount(this.#authority.database, name);
    const { token } = await createGrant(this.#authority.database, account, asked.client, asked.scopes);
    redirect(response, asked, { access_token: token, token_type: 'bearer', scope: formatScopes(asked.scopes) });
  }

  async #show(
    response: ServerResponse,
    status: number,
    request: AppRequest,
    name: string,
    session: string | undefined,
    problem?: string,
  ): Promise<void> {
    const domain = await this.#authority.findDomain();
    const ticket = this.#tickets.issue(request, name, session);
    const html = consentPage({ request, name, domain, ticket, isLoggedIn: session !== undefined, problem });
    send(response, status, html, pageHeaders(request.client));
  }

  /** Control counts failures and refuses who tries too often; a token of a component is no password of a person. */
  async #checkPassword(name: string, password: string, { address }: Visit): Promise<void> {
    if (password === '' || looksLikeToken(password)) throw new KosmosError('KOSMOS_ERR_CREDENTIALS');
    await this.#authority.control.request({ method: 'POST', path: '/internal/credentials/check', body: { name, password, address } });
  }

  /** The session that the page was shown to, still alive. */
  async #checkSession(request: IncomingMessage, name: string, shownTo: string): Promise<void> {
    const cookie = findCookie(request.headers.cookie, SESSION_COOKIE);
    const isSame = cookie !== undefined && equalSecrets(hashToken(cookie), shownTo);
    if (!isSame || !(await this.#ownsSession(cookie, name))) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
  }

  async #ownsSession(token: string, name: string): Promise<boolean> {
    try {
      const path = '/internal/sessions/check';
      const checked = await this.#authority.control.request<{ account: { name: string } }>({ method: 'POST', path, body: { token } });
      return checked.account.name === name;
    } catch (error) {
      if (isKosmosError(error) && error.status < 500) return false;
      throw error;
    }
  }
}

function redirect(
  response: ServerResponse,
  { redirectUri, state }: Pick<AppRequest, 'redirectUri' | 'state'>,
  values: Record<string, string>,
): void {
  response.writeHead(302, { location: redirectWith(redirectUri, { ...values, state }), 'cache-control': 'no-store' });
  response.end();
}

function send(response: ServerResponse, status: number, html: string, headers: Record<string, string>): void {
  const body = Buffer.from(html);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}
