import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { getAccount } from '../../../identity/accounts.ts';
import { normaliseName } from '../../../identity/names.ts';
import { createResetLink } from '../../../identity/reset-links.ts';
import { endSession, endSessions, findSessions } from '../../../identity/sessions.ts';
import { findGrants } from '../../../identity/storage-grants.ts';
import { findChannelsFor } from '../../../teams/access.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkPerson } from '../../../teams/bots.ts';
import { findMemberTable, type MemberRow } from '../../../teams/people-table.ts';
import { checkMay, may, type Action, type Actor } from '../../../teams/policies.ts';
import type { Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { presentResetLink, presentSession } from '../../presenters.ts';
import type { Protocol } from '../../presence.ts';
import type { Services } from '../../services.ts';
import { endMemberSessionSchema, endMemberSessionsSchema, memberResetLinkSchema, memberSchema, memberTableSchema } from './schema.ts';
import { partOf } from './table-query.ts';

type Online = ReadonlyMap<string, ReadonlySet<Protocol>>;

export function memberTableRoutes(app: App, services: Services): void {
  const { database, presence } = services;

  app.get('/api/admin/teams/:team/members', { schema: memberTableSchema }, async (request) => {
    const { team, actor } = await getTeamAdmin(services, request, request.params.team);
    const { role, status } = request.query;
    const online = await presence.online();
    const filter = status === 'online' ? { role, names: [...online.keys()] } : { role, status };
    const { members, total } = await findMemberTable(database, team, filter, partOf(request.query));
    return { members: members.map((member) => presentRow(member, actor, online)), total };
  });

  app.get('/api/admin/teams/:team/members/:name', { schema: memberSchema }, async (request) => {
    const { team, actor } = await getTeamAdmin(services, request, request.params.team);
    const member = await getRow(services, team, request.params.name);
    const account = await getAccount(database, member.name);
    const seesSessions = may(concerning(actor, member), 'see the sessions of this member');
    const live = seesSessions ? (await presence.sessions()).filter(({ name }) => name === member.name) : [];
    const channels = await findChannelsFor(database, team, account, member.role);
    return {
      member: presentRow(member, actor, await presence.online()),
      sessions: seesSessions
        ? (await findSessions(database, account)).map((session) => presentSession(session, request.caller?.session.id ?? ''))
        : [],
      live: live.map(({ protocol, client, address, since, viaGateway }) => ({ protocol, client, address, since, viaGateway })),
      channels: channels.map(({ id, name, isPrivate, isArchived }) => ({ id, name, private: isPrivate, archived: isArchived })),
      apps: (await findGrants(database, account)).length,
    };
  });
}

export function memberSessionRoutes(app: App, services: Services): void {
  const { outbox, house } = services;

  app.delete('/api/admin/teams/:team/members/:name/sessions', { schema: endMemberSessionsSchema }, async (request, reply) => {
    const { team, member, account } = await getConcerned(services, request, request.params, 'see the sessions of this member');
    await outbox.change(async (change) => {
      await endSessions(change, account);
      await recordAct(change, doerOf(request), { action: 'member.sessions-end', team, target: member.name });
    });
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });

  app.delete('/api/admin/teams/:team/members/:name/sessions/:id', { schema: endMemberSessionSchema }, async (request, reply) => {
    const { team, member, account } = await getConcerned(services, request, request.params, 'see the sessions of this member');
    await outbox.change(async (change) => {
      if (!(await endSession(change, account, request.params.id))) throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
      await recordAct(change, doerOf(request), { action: 'member.sessions-end', team, target: member.name, details: { one: true } });
    });
    return reply.code(204).send(null);
  });

  app.post('/api/admin/teams/:team/members/:name/reset-link', { schema: memberResetLinkSchema }, async (request, reply) => {
    const { team, member, account } = await getConcerned(services, request, request.params, 'reset the password of this member');
    checkPerson(account);
    const link = await outbox.change(async (change) => {
      await recordAct(change, doerOf(request), { action: 'member.reset-link', team, target: member.name });
      return createResetLink(change.queries, account);
    });
    return reply.code(201).send(presentResetLink(services, request, link));
  });
}

/** The team of the route, if the caller runs it. */
export async function getTeamAdmin(services: Services, request: FastifyRequest, key: string): Promise<{ team: Team; actor: Actor }> {
  const found = await getTeamActor(services, request, key);
  checkMay(found.actor, 'administer this team');
  return found;
}

async function getConcerned(
  services: Services,
  request: FastifyRequest,
  { team: key, name }: { team: string; name: string },
  action: Action,
) {
  const { team, actor } = await getTeamAdmin(services, request, key);
  const member = await getRow(services, team, name);
  checkMay(concerning(actor, member), action);
  return { team, member, account: await getAccount(services.database, member.name) };
}

async function getRow({ database }: Services, team: Team, name: string): Promise<MemberRow> {
  const { members } = await findMemberTable(database, team, { names: [normaliseName(name)] }, { limit: 1, offset: 0 });
  const [member] = members;
  if (!member) throw new KosmosError('KOSMOS_ERR_MEMBER_NOT_FOUND', { name: name.slice(0, 40) });
  return member;
}

/** The actor, asked about this member. */
function concerning(actor: Actor, { accountId, role, isAdmin, teams }: MemberRow): Actor {
  return { ...actor, isSelf: actor.account.id === accountId, otherRoles: [role], isOfThisTeamAlone: !isAdmin && teams === 1 };
}

function presentRow(member: MemberRow, actor: Actor, online: Online) {
  const asked = concerning(actor, member);
  const { name, displayName, role, joinedAt, disabled, isAdmin, isBot, secondFactor, sessions, seen, seenAt } = member;
  return {
    ...{ name, displayName, role, joinedAt, disabled, isAdmin, isBot, secondFactor, sessions, seen, seenAt },
    online: [...(online.get(name) ?? [])],
    may: {
      changeRole: may(asked, 'change the role of this member'),
      remove: may(asked, 'remove this member'),
      disable: may(asked, 'disable this account'),
      resetPassword: !member.isBot && may(asked, 'reset the password of this member'),
    },
  };
}
