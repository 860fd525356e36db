import { countMessagesPerDay } from '../../../archive/statistics.ts';
import { findChannels } from '../../../teams/channels.ts';
import { countOpenInvites } from '../../../teams/invite-table.ts';
import { findMembers } from '../../../teams/members.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { findAttention, findTeamAttention } from '../../attention.ts';
import { getCaller } from '../../caller.ts';
import { presentComponent, presentControl } from '../../component-view.ts';
import { measureDisk } from '../../disk.ts';
import { countOnline } from '../../presence.ts';
import { presentTeam } from '../../presenters.ts';
import { VERSION, type Services } from '../../services.ts';
import { getTeamAdmin } from '../admin/members.ts';
import { overallStatus } from '../health/health.ts';
import { overviewSchema, teamOverviewSchema } from './schema.ts';

const DAYS = 14;

export function overviewRoutes(app: App, services: Services): void {
  const { database, house, sampler, startedAt, supervisor, presence } = services;

  app.get('/api/admin/overview', { schema: overviewSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    const disk = await measureDisk(services);
    const accounts = await database.selectFrom('accounts').select('disabled_at').where('is_bot', '=', 0).execute();
    const disabled = accounts.filter(({ disabled_at }) => disabled_at !== null).length;
    const points = [...sampler.points];
    return {
      ...{ version: VERSION, startedAt, uptime: Math.round((Date.now() - Date.parse(startedAt)) / 1000) },
      ...{ status: overallStatus(services), domain: house.domain },
      components: [presentControl(services), ...supervisor.components.map((supervised) => presentComponent(services, supervised))],
      samples: { every: sampler.every / 1000, since: points[0]?.at ?? null, points },
      messages: await countMessagesPerDay(database, DAYS),
      online: countOnline(await presence.online()),
      members: { total: accounts.length - disabled, disabled },
      ...{ disk, attention: await findAttention(services, disk) },
    };
  });
}

export function teamOverviewRoutes(app: App, services: Services): void {
  const { database, presence } = services;

  app.get('/api/admin/teams/:team/overview', { schema: teamOverviewSchema }, async (request) => {
    const { team, actor } = await getTeamAdmin(services, request, request.params.team);
    const members = await findMembers(database, team);
    const enabled = members.filter((member) => !member.disabled);
    const names = new Set(members.map(({ name }) => name));
    const channels = await findChannels(database, team);
    const count = (role: string): number => enabled.filter((member) => member.role === role).length;
    return {
      team: presentTeam(team, actor.role),
      messages: await countMessagesPerDay(database, DAYS, team.id),
      online: countOnline(new Map([...(await presence.online())].filter(([name]) => names.has(name)))),
      members: {
        ...{ total: enabled.length, disabled: members.length - enabled.length },
        byRole: { owner: count('owner'), admin: count('admin'), member: count('member'), guest: count('guest') },
      },
      channels: {
        total: channels.filter(({ isArchived }) => !isArchived).length,
        private: channels.filter(({ isArchived, isPrivate }) => isPrivate && !isArchived).length,
        archived: channels.filter(({ isArchived }) => isArchived).length,
      },
      ...{ invites: { open: await countOpenInvites(database, team) }, attention: await findTeamAttention(services, team) },
    };
  });
}
