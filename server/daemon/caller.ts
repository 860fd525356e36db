import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { ControlClient } from '../foundation/control-client.ts';
import { KosmosError } from '../foundation/errors.ts';
import { checkSameOrigin, findCookie, SESSION_COOKIE } from '../foundation/same-origin.ts';
import type { Account } from '../identity/accounts.ts';
import { rawBody } from './http.ts';

export interface Caller {
  readonly account: Pick<Account, 'id' | 'name'>;
  readonly session: string;
}

/** Who asks, by cookie or bearer token. Throws KOSMOS_ERR_UNAUTHENTICATED, and KOSMOS_ERR_CROSS_ORIGIN for another site's page. */
export async function getCaller(request: FastifyRequest, control: ControlClient): Promise<Caller> {
  const { authorization } = request.headers;
  const bearer = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (!bearer) checkOwnPage(request);
  const token = bearer ?? findCookie(request.headers.cookie, SESSION_COOKIE);
  if (!token || token.length > 200) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
  const { account, session } = await control.request<{ account: Caller['account']; session: { id: string } }>({
    ...{ method: 'POST', path: '/internal/sessions/check', body: { token } },
  });
  return { account, session: session.id };
}

/** The body, if it fits. Throws KOSMOS_ERR_MEDIA_TYPE, KOSMOS_ERR_BAD_REQUEST or KOSMOS_ERR_VALIDATION. */
export function getBody<T extends TSchema>(request: FastifyRequest, schema: T): Static<T> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new KosmosError('KOSMOS_ERR_MEDIA_TYPE');
  const body = parse(rawBody(request));
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `${first?.instancePath || 'the body'} ${first?.message ?? 'does not fit'}` });
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: 'the body is no JSON' }, { cause: error });
  }
}

function checkOwnPage({ method, headers }: FastifyRequest): void {
  if (method !== 'GET' && method !== 'HEAD') checkSameOrigin(headers, [(headers['x-forwarded-host'] ?? headers.host)?.toString()]);
}
