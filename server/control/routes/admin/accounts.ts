import type { Static } from '@fastify/type-provider-typebox';
import { newToken } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import * as accounts from '../../../identity/accounts.ts';
import type { Account } from '../../../identity/accounts.ts';
import { normaliseName } from '../../../identity/names.ts';
import { createResetLink } from '../../../identity/reset-links.ts';
import { removeAllFactors } from '../../../identity/second-factors.ts';
import { endSessions } from '../../../identity/sessions.ts';
import { findAccountTable, type AccountRow } from '../../../teams/account-table.ts';
import { joinTeam } from '../../../teams/access.ts';
import type { ActionCode } from '../../../teams/act-catalogue.ts';
import { recordAct, type Doer } from '../../../teams/acts.ts';
import { checkPerson } from '../../../teams/bots.ts';
import { checkMay } from '../../../teams/policies.ts';
import { getTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getCaller, type Caller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { presentResetLink } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import * as schema from './schema.ts';
import { partOf } from './table-query.ts';

type AccountChange = Static<typeof schema.changeAccountSchema.body>;

export function accountTableRoutes(app: App, services: Services): void {
  const { database, outbox, house, presence } = services;

  app.get('/api/admin/accounts', { schema: schema.accountTableSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    const { status } = request.query;
    const filter = status === 'online' ? { names: [...(await presence.online()).keys()] } : { status };
    const { accounts: rows, total } = await findAccountTable(database, filter, partOf(request.query));
    return { accounts: await presentRows(services, rows), total };
  });

  app.post('/api/admin/accounts', { schema: schema.createAccountSchema }, async (request, reply) => {
    checkMay(getCaller(request), 'administer the appliance');
    const { name, password, displayName, role = 'member' } = request.body;
    const team = request.body.team === undefined ? undefined : await getTeam(database, request.body.team);
    const keys = await accounts.createKeys(name, password ?? newToken());
    const link = await outbox.change(async (change) => {
      const account = await accounts.createAccount(change, { name, displayName }, keys);
      if (team) await joinTeam(change, team, account, role);
      await recordAct(change, doerOf(request), { action: 'account.create', team, target: account.name });
      return password === undefined ? createResetLink(change.queries, account) : null;
    });
    await house.untilProvisioned();
    const reset = link && presentResetLink(services, request, link);
    return reply.code(201).send({ account: await getRow(services, name), reset });
  });

  app.patch('/api/admin/accounts/:name', { schema: schema.changeAccountSchema }, async (request) => {
    const caller = getCaller(request);
    checkMay(caller, 'administer the appliance');
    const account = await accounts.getAccount(database, request.params.name);
    await changeAccount(services, caller, account, request.body, doerOf(request));
    await house.untilProvisioned();
    return getRow(services, account.name);
  });
}

export function accountRecoveryRoutes(app: App, services: Services): void {
  const { database, outbox, house } = services;

  app.post('/api/admin/accounts/:name/reset-link', { schema: schema.accountResetLinkSchema }, async (request, reply) => {
    checkMay(getCaller(request), 'administer the appliance');
    const account = await accounts.getAccount(database, request.params.name);
    checkPerson(account);
    const link = await outbox.change(async (change) => {
      await recordAct(change, doerOf(request), { action: 'account.reset-link', target: account.name });
      return createResetLink(change.queries, account);
    });
    return reply.code(201).send(presentResetLink(services, request, link));
  });

  app.delete('/api/admin/accounts/:name/sessions', { schema: schema.endAccountSessionsSchema }, async (request, reply) => {
    checkMay(getCaller(request), 'administer the appliance');
    const account = await accounts.getAccount(database, request.params.name);
    await outbox.change(async (change) => {
      await endSessions(change, account);
      await recordAct(change, doerOf(request), { action: 'account.sessions-end', target: account.name });
    });
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });

  app.delete('/api/admin/accounts/:name/second-factors', { schema: schema.removeFactorsSchema }, async (request, reply) => {
    checkMay(getCaller(request), 'administer the appliance');
    const account = await accounts.getAccount(database, request.params.name);
    await outbox.change(async (change) => {
      await removeAllFactors(change, account);
      await recordAct(change, doerOf(request), { action: 'account.second-factors-remove', target: account.name });
    });
    return reply.code(204).send(null);
  });
}

async function changeAccount({ outbox }: Services, caller: Caller, account: Account, wanted: AccountChange, by: Doer): Promise<void> {
  const { disabled, password, isAdmin, displayName } = wanted;
  if (isAdmin === true || password !== undefined) checkPerson(account);
  const concerned = { account: caller.account, isSelf: caller.account.id === account.id };
  if (disabled !== undefined) checkMay(concerned, 'disable this account');
  if (password !== undefined) checkMay(concerned, 'reset the password of this member');
  const keys = password === undefined ? undefined : await accounts.createKeys(account.name, password);
  await outbox.change(async (change) => {
    const record = (action: ActionCode, details = {}): Promise<void> => recordAct(change, by, { action, target: account.name, details });
    if (displayName !== undefined) {
      await accounts.renameAccount(change, account, displayName);
      await record('account.change', { displayName });
    }
    if (isAdmin !== undefined && isAdmin !== account.isAdmin) {
      await accounts.setAdmin(change, account, isAdmin);
      await record(isAdmin ? 'account.grant-admin' : 'account.withdraw-admin');
    }
    if (keys) {
      await accounts.changePassword(change, account, keys);
      await record('account.password');
    }
    if (disabled === undefined) return;
    const current = { ...account, isAdmin: isAdmin ?? account.isAdmin };
    await (disabled ? accounts.disableAccount : accounts.enableAccount)(change, current);
    await record(disabled ? 'account.disable' : 'account.enable');
  });
}

async function getRow(services: Services, name: string) {
  const names = [normaliseName(name)];
  const { accounts: rows } = await findAccountTable(services.database, { names }, { limit: 1, offset: 0 });
  const [row] = await presentRows(services, rows);
  if (!row) throw new KosmosError('KOSMOS_ERR_ACCOUNT_NOT_FOUND', { name: name.slice(0, 40) });
  return row;
}

async function presentRows({ presence }: Services, rows: readonly AccountRow[]) {
  const online = await presence.online();
  return rows.map(({ name, displayName, email, isAdmin, isBot, createdAt, secondFactor, sessions, seen, seenAt, ...row }) => ({
    ...{ name, displayName, email, isAdmin, isBot, createdAt, secondFactor, sessions, seen, seenAt },
    ...{ disabled: row.disabledAt !== null, online: [...(online.get(name) ?? [])], teams: [...row.teams] },
  }));
}
