import type { Static } from '@fastify/type-provider-typebox';
import { changePassword, createKeys, disableAccount, enableAccount, getAccount } from '../../../identity/accounts.ts';
import type { ActionCode } from '../../../teams/act-catalogue.ts';
import { recordAct, type Doer } from '../../../teams/acts.ts';
import { checkBotRole, checkPerson, removeBot } from '../../../teams/bots.ts';
import { changeRole, findMembers, getMember, removeMember, type Member } from '../../../teams/members.ts';
import { checkMay, type Actor } from '../../../teams/policies.ts';
import { findTeamsOf, type Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { presentMember } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { changeMemberSchema, membersSchema, removeMemberSchema } from './schema.ts';

type MemberChange = Static<typeof changeMemberSchema.body>;

export function memberRoutes(app: App, services: Services): void {
  const { database, outbox, house } = services;

  app.get('/api/teams/:team/members', { schema: membersSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'see the members of this team');
    return { members: (await findMembers(database, team)).map(presentMember) };
  });

  app.patch('/api/teams/:team/members/:name', { schema: changeMemberSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    const member = await getMember(database, team, request.params.name);
    await checkChanges(services, actor, member, request.body);
    await changeMember(services, team, member, request.body, doerOf(request));
    await house.untilProvisioned();
    return presentMember(await getMember(database, team, member.name));
  });

  app.delete('/api/teams/:team/members/:name', { schema: removeMemberSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    const member = await getMember(database, team, request.params.name);
    checkMay({ ...actor, isSelf: isSelf(actor, member), otherRoles: [member.role] }, 'remove this member');
    await outbox.change(async (change) => {
      if (member.isBot) await removeBot(change, team, { member, account: await getAccount(change.queries, member.name) });
      else await removeMember(change, team, member);
      await recordAct(change, doerOf(request), { action: 'member.remove', team, target: member.name, details: { role: member.role } });
    });
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });
}

function isSelf(actor: Actor, member: Member): boolean {
  return actor.account.id === member.accountId;
}

async function checkChanges(services: Services, actor: Actor, member: Member, wanted: MemberChange): Promise<void> {
  const { role, disabled, password } = wanted;
  const concerned = { ...actor, isSelf: isSelf(actor, member) };
  if (role !== undefined) checkBotRole(member, role);
  if (role !== undefined) checkMay({ ...concerned, otherRoles: [member.role, role] }, 'change the role of this member');
  if (password !== undefined) {
    checkPerson(member);
    const isOfThisTeamAlone = await belongsToOneTeam(services, member);
    checkMay({ ...concerned, otherRoles: [member.role], isOfThisTeamAlone }, 'reset the password of this member');
  }
  if (disabled !== undefined) checkMay(concerned, 'disable this account');
}

async function belongsToOneTeam({ database }: Services, member: Member): Promise<boolean> {
  const account = await getAccount(database, member.name);
  return !account.isAdmin && (await findTeamsOf(database, account)).length === 1;
}

async function changeMember(services: Services, team: Team, member: Member, wanted: MemberChange, by: Doer): Promise<void> {
  const { role, password, disabled } = wanted;
  const account = await getAccount(services.database, member.name);
  const keys = password === undefined ? undefined : await createKeys(account.name, password);
  await services.outbox.change(async (change) => {
    const record = (action: ActionCode, details = {}): Promise<void> =>
      recordAct(change, by, { action, team, target: member.name, details });
    if (role !== undefined) {
      await changeRole(change, team, member, role);
      await record('member.role', { from: member.role, to: role });
    }
    if (keys) {
      await changePassword(change, account, keys);
      await record('member.password');
    }
    if (disabled === undefined) return;
    await (disabled ? disableAccount : enableAccount)(change, account);
    await record(disabled ? 'member.disable' : 'member.enable');
  });
}
