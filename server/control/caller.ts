import type {} from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KosmosError } from '../foundation/errors.ts';
import { checkSameOrigin, SESSION_COOKIE } from '../foundation/same-origin.ts';
import type { Account } from '../identity/accounts.ts';
import { createSession, findSession, type Session, type SessionKind } from '../identity/sessions.ts';
import { findMember, findRole, type Member } from '../teams/members.ts';
import type { Actor } from '../teams/policies.ts';
import { findTeam, type Team } from '../teams/teams.ts';
import { findShellCaller } from './shell.ts';
import { mustEnrol } from './second-factor-login.ts';
import type { Services } from './services.ts';

/** Who makes a request. */
export interface Caller {
  readonly account: Account;
  readonly session: Session;
  /** On the machine itself, by the socket of `scripts/kosmos`. */
  readonly isShell?: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

const DAY = 24 * 3_600_000;
const LONGEST_TOKEN = 200;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds the caller of each request by bearer token or cookie. A cookie counts only for requests from our own pages. */
export function useCallers(app: FastifyInstance, { database, presence }: Pick<Services, 'database' | 'presence'>): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request) => {
    request.caller = await findShellCaller(request, database);
    if (request.caller) return;
    if (bearerOf(request) === undefined && !safeMethods.has(request.method)) checkSameOrigin(request.headers, [request.host]);
    const token = tokenOf(request);
    if (token !== undefined) request.caller = await findSession(database, token);
    if (request.caller && !isForEnrolment(request) && (await mustEnrol({ database }, request.caller.account))) {
      throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_REQUIRED');
    }
    if (request.caller?.session.kind === 'browser') await presence.note(request.caller.account.id, 'web');
  });
}

/** The session's token as a request gives it: a program's in its header, else a browser's cookie. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const token = bearerOf(request) ?? request.cookies[SESSION_COOKIE];
  return token !== undefined && token.length <= LONGEST_TOKEN ? token : undefined;
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\w-]{20,200})$/.exec(headers.authorization ?? '')?.[1];
}

/** What somebody may use who has to add a second factor before anything else. */
function isForEnrolment({ url }: FastifyRequest): boolean {
  const [path] = url.split('?');
  return /^\/api\/(session(\/.*)?|appliance|health|registration|account\/second-factors(\/.*)?)$/.test(path ?? '');
}

/** Throws KOSMOS_ERR_UNAUTHENTICATED. */
export function getCaller(request: FastifyRequest): Caller {
  if (!request.caller) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
  return request.caller;
}

/** The team of the route and the caller's place in it. Outsiders hear that there is no such team: KOSMOS_ERR_TEAM_NOT_FOUND. */
export async function getTeamActor(services: Services, request: FastifyRequest, key: string): Promise<{ team: Team; actor: Actor }> {
  const { account } = getCaller(request);
  const team = await findTeam(services.database, key);
  const role = team && (await findRole(services.database, team, account));
  if (!team || (role === undefined && !account.isAdmin)) throw new KosmosError('KOSMOS_ERR_TEAM_NOT_FOUND', { team: key.slice(0, 60) });
  return { team, actor: { account, ...(role === undefined ? {} : { role }) } };
}

/** The caller as a member of the team; undefined for an admin of the appliance who looks in from outside. */
export function findOwnMembership(services: Services, team: Team, actor: Actor): Promise<Member | undefined> {
  return findMember(services.database, team, actor.account.name);
}

/** Opens a session for the one who asks; browsers get it as a cookie that scripts cannot read. */
export async function logIn(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  account: Account,
  kind: SessionKind = 'browser',
): Promise<{ caller: Caller; token: string }> {
  const userAgent = request.headers['user-agent'];
  const origin = { kind, address: request.ip, ...(userAgent === undefined ? {} : { userAgent }) };
  const lifetime = services.preferences.sessionDays * DAY;
  const { token, session } = await createSession(services.database, account, origin, lifetime);
  if (kind === 'browser') void reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(request), maxAge: lifetime / 1000 });
  return { caller: { account, session }, token };
}

export function forgetCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(SESSION_COOKIE, cookieOptions(request));
}

function cookieOptions(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax' as const, secure: request.protocol === 'https' };
}
