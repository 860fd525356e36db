import { KosmosError } from '../../../foundation/errors.ts';
import { endSession, findSessions } from '../../../identity/sessions.ts';
import type { App } from '../../app-type.ts';
import { forgetCookie, getCaller, logIn } from '../../caller.ts';
import { presentSession } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { presentLoggedIn } from '../logged-in.ts';
import { endSessionSchema, logInSchema, logOutSchema, sessionSchema, sessionsSchema } from './schema.ts';

export function sessionRoutes(app: App, services: Services): void {
  const { database, credentials, outbox } = services;

  app.post('/api/session', { schema: logInSchema }, async (request, reply) => {
    const { name, password, kind } = request.body;
    const account = await credentials.checkPassword(name, password, request.ip);
    const { caller, token } = await logIn(services, request, reply, account, kind);
    const body = await presentLoggedIn(database, caller);
    return reply.code(201).send(kind === 'program' ? { ...body, token } : body);
  });

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
