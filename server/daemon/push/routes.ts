import type { FastifyRequest } from 'fastify';
import type { ControlClient } from '../../foundation/control-client.ts';
import { KosmosError } from '../../foundation/errors.ts';
import type { Database } from '../../database/database.ts';
import type { DaemonHttp } from '../http.ts';
import { RequestLimit } from '../rate.ts';
import type { Attention } from './attention.ts';
import { getBody, getCaller, type Caller } from '../caller.ts';
import type { Focus } from './focus.ts';
import { findPreferences, storePreferences } from './preferences.ts';
import { isTimeZone } from './quiet.ts';
import * as schema from './schema.ts';
import { addSubscription, findSubscriptions, removeSubscription } from './subscriptions.ts';

export interface PushParts {
  readonly database: Database;
  readonly control: ControlClient;
  readonly attention: () => Attention;
  readonly focus: Focus;
}

const perAccount = { requests: 120, window: 60_000 };
const testsPerAccount = { requests: 5, window: 60_000 };

/** `/web-push/*` as Kosmos's clients know it, and what belongs to it; everything but the key needs a session. */
export function pushRoutes(app: DaemonHttp, parts: PushParts): void {
  const limit = new RequestLimit(perAccount.requests, perAccount.window);
  const caller = async (request: FastifyRequest): Promise<Caller> => {
    const found = await getCaller(request, parts.control);
    limit.take(found.account.id);
    return found;
  };
  app.get('/web-push/vapid-public-key', (_request, reply) => reply.type('text/plain').send(parts.attention().service.publicKey));
  subscriptionRoutes(app, parts, caller);
  preferenceRoutes(app, parts, caller);
}

type FindCaller = (request: FastifyRequest) => Promise<Caller>;

function subscriptionRoutes(app: DaemonHttp, { database, attention }: PushParts, caller: FindCaller): void {
  const tests = new RequestLimit(testsPerAccount.requests, testsPerAccount.window);

  app.post('/web-push/register', async (request, reply) => {
    const { account } = await caller(request);
    const { subscription } = getBody(request, schema.register);
    if (!attention().service.accepts(subscription.endpoint)) throw new KosmosError('KOSMOS_ERR_PUSH_ENDPOINT');
    await addSubscription(database, account.id, subscription, request.headers['user-agent']);
    return reply.code(201).send({ ok: true });
  });

  app.post('/web-push/unregister', async (request, reply) => {
    const { account } = await caller(request);
    await removeSubscription(database, account.id, getBody(request, schema.unregister).subscription.endpoint);
    return reply.code(204).send();
  });

  /** Says of every browser how far a push got. */
  app.post('/web-push/test', async (request) => {
    const { account } = await caller(request);
    tests.take(account.id);
    const subscriptions = await findSubscriptions(database, account.id);
    const payload = { type: 'test' };
    const outcomes = subscriptions.map(async (subscription) => {
      const { hops } = await attention().service.send(subscription, { payload, isUrgent: true });
      return { service: new URL(subscription.endpoint).hostname, hops };
    });
    return { browsers: await Promise.all(outcomes) };
  });
}

function preferenceRoutes(app: DaemonHttp, { database, focus }: PushParts, caller: FindCaller): void {
  app.get('/web-push/preferences', async (request) => findPreferences(database, (await caller(request)).account.id));

  app.put('/web-push/preferences', async (request) => {
    const { account } = await caller(request);
    const preferences = getBody(request, schema.preferences);
    const isWhole = (preferences.quietFrom === null) === (preferences.quietUntil === null);
    if (!isWhole || !isTimeZone(preferences.timeZone)) {
      const reason = isWhole ? 'timeZone is none that is known' : 'quietFrom and quietUntil belong together';
      throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason });
    }
    await storePreferences(database, account.id, preferences);
    return preferences;
  });

  app.post('/web-push/focus', async (request, reply) => {
    const { account, session } = await caller(request);
    focus.set(account.id, session, getBody(request, schema.focus).focused);
    return reply.code(204).send();
  });
}
