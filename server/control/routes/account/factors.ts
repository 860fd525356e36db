import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import type { Change } from '../../../database/events.ts';
import type { Account } from '../../../identity/accounts.ts';
import { findClientPassword, makeClientPassword, removeClientPassword, setClientPassword } from '../../../identity/client-password.ts';
import { addPasskey, passkeyCreation } from '../../../identity/passkeys.ts';
import { countRecoveryCodes, createRecoveryCodes } from '../../../identity/recovery-codes.ts';
import { beginTotp, confirmTotp, findFactors, hasFactor, removeFactor, type SecondFactor } from '../../../identity/second-factors.ts';
import { totpUri } from '../../../identity/totp.ts';
import { recordAct } from '../../../teams/acts.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { siteOf } from '../../origin.ts';
import { needsFactor } from '../../second-factor-login.ts';
import type { Services } from '../../services.ts';
import * as schema from './factors-schema.ts';

const tries = { rateLimit: { max: 60, timeWindow: 60_000 } };

export function factorRoutes(app: App, services: Services): void {
  const { database, outbox } = services;

  app.get('/api/account/second-factors', { schema: schema.factorsSchema }, async (request) => {
    const { account } = getCaller(request);
    const madeAt = await findClientPassword(database, account);
    return {
      factors: await findFactors(database, account),
      recoveryCodesLeft: await countRecoveryCodes(database, account),
      required: await needsFactor(services, account),
      clientPassword: madeAt === undefined ? null : { createdAt: madeAt },
    };
  });

  app.delete('/api/account/second-factors/:id', { schema: schema.removeFactorSchema, config: tries }, async (request, reply) => {
    const account = await getOwner(services, request, request.body.password);
    const factors = await findFactors(database, account);
    const isLast = factors.length === 1 && factors[0]?.id === request.params.id;
    if (isLast && (await needsFactor(services, account))) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_LAST');
    await outbox.change(async (change) => {
      if (!(await removeFactor(change, account, request.params.id))) throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
      await recordAct(change, doerOf(request), { action: 'factor.remove', target: account.name });
    });
    return reply.code(204).send(null);
  });

  app.post('/api/account/second-factors/recovery-codes', { schema: schema.recoveryCodesSchema, config: tries }, async (request, reply) => {
    const account = await getOwner(services, request, request.body.password);
    await checkHasFactor(services, account);
    const recoveryCodes = await outbox.change(async (change) => {
      await recordAct(change, doerOf(request), { action: 'factor.recovery-codes', target: account.name });
      return createRecoveryCodes(change.queries, account);
    });
    return reply.code(201).send({ recoveryCodes });
  });
}

export function addFactorRoutes(app: App, services: Services): void {
  const { database, house, outbox, secondFactors } = services;

  app.post('/api/account/second-factors/totp', { schema: schema.beginTotpSchema, config: tries }, async (request, reply) => {
    const account = await getOwner(services, request, request.body.password);
    const { id, secret } = await beginTotp(database, secondFactors.key, account);
    return reply.code(201).send({ id, secret, uri: totpUri(secret, `${account.name}@${house.domain}`, 'Kosmos Chat') });
  });

  app.post('/api/account/second-factors/totp/:id/confirm', { schema: schema.confirmTotpSchema, config: tries }, async (request) => {
    const { account } = getCaller(request);
    const given = { ...request.body, id: request.params.id };
    return outbox.change((change) => add(change, request, account, () => confirmTotp(change, secondFactors.key, account, given)));
  });

  app.post('/api/account/second-factors/passkey-options', { schema: schema.passkeyOptionsSchema, config: tries }, async (request) => {
    const account = await getOwner(services, request, request.body.password);
    const options = await passkeyCreation(database, account, siteOf(services, request));
    secondFactors.rememberCreation(account, options.challenge);
    return { options };
  });

  app.post('/api/account/second-factors/passkey', { schema: schema.addPasskeySchema, config: tries }, async (request, reply) => {
    const { account } = getCaller(request);
    const challenge = secondFactors.takeCreation(account);
    const response = request.body.response as unknown as RegistrationResponseJSON;
    const given = { name: request.body.name, challenge, response };
    const site = siteOf(services, request);
    const added = await outbox.change((change) => add(change, request, account, () => addPasskey(change, account, site, given)));
    return reply.code(201).send(added);
  });
}

export function clientPasswordRoutes(app: App, services: Services): void {
  const { outbox } = services;

  app.post('/api/account/client-password', { schema: schema.clientPasswordSchema, config: tries }, async (request, reply) => {
    const account = await getOwner(services, request, request.body.password);
    await checkHasFactor(services, account);
    const { password, keys } = await makeClientPassword();
    await outbox.change(async (change) => {
      await setClientPassword(change, account, keys);
      await recordAct(change, doerOf(request), { action: 'factor.client-password', target: account.name });
    });
    return reply.code(201).send({ password });
  });

  app.delete('/api/account/client-password', { schema: schema.removeClientPasswordSchema, config: tries }, async (request, reply) => {
    const account = await getOwner(services, request, request.body.password);
    await outbox.change(async (change) => {
      await removeClientPassword(change, account);
      await recordAct(change, doerOf(request), { action: 'factor.client-password-remove', target: account.name });
    });
    return reply.code(204).send(null);
  });
}

/** The caller, who shows once more that it is them. */
async function getOwner(services: Services, request: FastifyRequest, password: string): Promise<Account> {
  const { account } = getCaller(request);
  return services.credentials.checkPassword(account.name, password, request.ip);
}

async function checkHasFactor({ database }: Services, account: Account): Promise<void> {
  if (!(await hasFactor(database, account))) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_NONE');
}

/** The first factor brings recovery codes, and ends what IRC and XMPP clients opened with the password alone. */
async function add(change: Change, request: FastifyRequest, account: Account, work: () => Promise<SecondFactor>) {
  const isFirst = !(await hasFactor(change.queries, account));
  const factor = await work();
  await recordAct(change, doerOf(request), { action: 'factor.add', target: account.name, details: { kind: factor.kind } });
  if (!isFirst) return { factor, recoveryCodes: null };
  await change.emit({ type: 'sessions-ended', account: account.id, name: account.name });
  return { factor, recoveryCodes: await createRecoveryCodes(change.queries, account) };
}
