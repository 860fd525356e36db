import type { FastifyRequest } from 'fastify';
import type { Change } from '../../../database/events.ts';
import { changePassword } from '../../../identity/accounts.ts';
import type { ActionCode } from '../../../teams/act-catalogue.ts';
import { recordAct } from '../../../teams/acts.ts';
import { createBot, getBot, makeBotPassword, removeBot } from '../../../teams/bots.ts';
import { findMemberTable, type MemberRow } from '../../../teams/people-table.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import * as schema from './schema.ts';

const path = '/api/teams/:team/bots';
const MOST = 200;

/** Accounts of programs: docs/admin/bots.md. */
export function botRoutes(app: App, services: Services): void {
  const { database } = services;

  app.get(path, { schema: schema.botsSchema }, async (request) => {
    const team = await getTeamFor(services, request, request.params.team);
    return { bots: await presentBots(services, team) };
  });

  app.post(path, { schema: schema.createBotSchema }, async (request, reply) => {
    const team = await getTeamFor(services, request, request.params.team);
    const { name, displayName, role = 'member' } = request.body;
    const { password, keys } = await makeBotPassword(name);
    const make = (change: Change) => createBot(change, team, { name, displayName, role }, keys);
    const made = await change(services, request, { action: 'bot.create', team, name }, make);
    const [bot] = await presentBots(services, team, made.name);
    return reply.code(201).send({ bot: bot as NonNullable<typeof bot>, password });
  });

  app.post(`${path}/:name/password`, { schema: schema.botPasswordSchema }, async (request, reply) => {
    const team = await getTeamFor(services, request, request.params.team);
    const { account } = await getBot(database, team, request.params.name);
    const { password, keys } = await makeBotPassword(account.name);
    await change(services, request, { action: 'bot.password', team, name: account.name }, (made) => changePassword(made, account, keys));
    return reply.code(201).send({ password });
  });

  app.delete(`${path}/:name`, { schema: schema.removeBotSchema }, async (request, reply) => {
    const team = await getTeamFor(services, request, request.params.team);
    const bot = await getBot(database, team, request.params.name);
    await change(services, request, { action: 'bot.remove', team, name: bot.account.name }, (made) => removeBot(made, team, bot));
    return reply.code(204).send(null);
  });
}

async function getTeamFor(services: Services, request: FastifyRequest, key: string): Promise<Team> {
  const { team, actor } = await getTeamActor(services, request, key);
  checkMay(actor, 'run the bots of this team');
  return team;
}

/** With its line of the audit log, and once the servers have taken it up. */
async function change<T>(
  { outbox, house }: Services,
  request: FastifyRequest,
  { action, team, name }: { action: ActionCode; team: Team; name: string },
  make: (change: Change) => Promise<T>,
): Promise<T> {
  const made = await outbox.change(async (open) => {
    const done = await make(open);
    await recordAct(open, doerOf(request), { action, team, target: name });
    return done;
  });
  await house.untilProvisioned();
  return made;
}

async function presentBots({ database, presence }: Services, team: Team, name?: string) {
  const filter = { isBot: true, ...(name === undefined ? {} : { names: [name] }) };
  const { members } = await findMemberTable(database, team, filter, { limit: MOST, offset: 0 });
  const online = await presence.online();
  return members.map((bot: MemberRow) => ({
    ...{
      name: bot.name,
      displayName: bot.displayName,
      disabled: bot.disabled,
      createdAt: bot.joinedAt,
      seen: bot.seen,
      seenAt: bot.seenAt,
    },
    ...{ role: bot.role === 'guest' ? ('guest' as const) : ('member' as const), online: [...(online.get(bot.name) ?? [])] },
  }));
}
