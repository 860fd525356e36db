import { KosmosError } from '../../../foundation/errors.ts';
import { getAccount } from '../../../identity/accounts.ts';
import { passkeyRequest } from '../../../identity/passkeys.ts';
import { endSession, findSessions } from '../../../identity/sessions.ts';
import type { App } from '../../app-type.ts';
import { forgetCookie, getCaller, logIn } from '../../caller.ts';
import { siteOf } from '../../origin.ts';
import { presentSession } from '../../presenters.ts';
import type { Proof } from '../../second-factor-login.ts';
import type { Services } from '../../services.ts';
import { presentLoggedIn } from '../logged-in.ts';
import {
  endSessionSchema,
  logInSchema,
  logOutSchema,
  passkeyRequestSchema,
  secondFactorSchema,
  sessionSchema,
  sessionsSchema,
} from './schema.ts';

const tries = { rateLimit: { max: 60, timeWindow: 60_000 } };

export function sessionRoutes(app: App, services: Services): void {
  const { database, credentials, outbox } = services;

  app.post('/api/session', { schema: logInSchema }, async (request, reply) => {
    const { name, password, kind } = request.body;
    const account = await credentials.checkPassword(name, password, request.ip);
    if (account.isBot && kind !== 'program') throw new KosmosError('KOSMOS_ERR_BOT_BROWSER', { name: account.name });
    const secondFactor = await services.secondFactors.begin(account, kind ?? 'browser');
    if (secondFactor) return reply.code(202).send({ secondFactor });
    const { caller, token } = await logIn(services, request, reply, account, kind);
    const body = await presentLoggedIn(database, caller);
    return reply.code(201).send(kind === 'program' ? { ...body, token } : body);
  });
  secondFactorRoutes(app, services);

  app.get('/api/session', { schema: sessionSchema }, (request) => presentLoggedIn(database, getCaller(request)));

  app.delete('/api/session', { schema: logOutSchema }, async (request, reply) => {
    const { account, session } = getCaller(request);
    await outbox.change((change) => endSession(change, account, session.id));
    forgetCookie(request, reply);
    return reply.code(204).send(null);
  });

  app.get('/api/sessions', { schema: sessionsSchema }, async (request) => {
    const { account, session } = getCaller(request);
    const sessions = await findSessions(database, account);
    return { sessions: sessions.map((each) => presentSession(each, session.id)) };
  });

  app.delete('/api/sessions/:id', { schema: endSessionSchema }, async (request, reply) => {
    const { account } = getCaller(request);
    const ended = await outbox.change((change) => endSession(change, account, request.params.id));
    if (!ended) throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    return reply.code(204).send(null);
  });
}

function secondFactorRoutes(app: App, services: Services): void {
  const { database, secondFactors } = services;

  app.post('/api/session/second-factor', { schema: secondFactorSchema, config: tries }, async (request, reply) => {
    const { ticket, code, passkey } = request.body;
    const proof = passkey as Proof | undefined;
    const { account, kind } = await secondFactors.complete(ticket, { code, passkey: proof }, siteOf(services, request));
    const current = await getAccount(database, account.name);
    if (current.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
    const { caller, token } = await logIn(services, request, reply, current, kind);
    const body = await presentLoggedIn(database, caller);
    return reply.code(201).send(kind === 'program' ? { ...body, token } : body);
  });

  app.post('/api/session/second-factor/passkey-options', { schema: passkeyRequestSchema, config: tries }, async (request) => {
    const ticket = secondFactors.get(request.body.ticket);
    const options = await passkeyRequest(database, ticket.account, siteOf(services, request));
    if (!options) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_NONE');
    ticket.challenge = options.challenge;
    return { options };
  });
}
