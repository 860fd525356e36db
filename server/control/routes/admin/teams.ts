import { findChannelTable, findTeamTable, type TeamTableRow } from '../../../archive/tables.ts';
import { findChannelsFor } from '../../../teams/access.ts';
import { findInviteTable } from '../../../teams/invite-table.ts';
import { findTeamsOf, findTeamsRunBy } from '../../../teams/teams.ts';
import type { Role } from '../../../database/schema.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { presentChannel, presentTeam } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { getTeamAdmin } from './members.ts';
import { channelTableSchema, inviteTableSchema, teamRowSchema, teamTableSchema } from './schema.ts';
import { partOf } from './table-query.ts';

export function teamTableRoutes(app: App, services: Services): void {
  const { database } = services;

  app.get('/api/admin/teams', { schema: teamTableSchema }, async (request) => {
    const { account } = getCaller(request);
    const own = await findTeamsOf(database, account);
    const run = account.isAdmin ? undefined : (await findTeamsRunBy(database, account)).map(({ id }) => id);
    const { teams, total } = await findTeamTable(database, run, partOf(request.query));
    const roles = new Map(own.map(({ id, role }) => [id, role]));
    return { teams: teams.map((team) => presentRow(team, roles.get(team.id))), total };
  });

  app.get('/api/admin/teams/:team', { schema: teamRowSchema }, async (request) => {
    const { team, actor } = await getTeamAdmin(services, request, request.params.team);
    const { teams } = await findTeamTable(database, [team.id], { limit: 1, offset: 0 });
    return presentRow(teams[0] as TeamTableRow, actor.role);
  });

  app.get('/api/admin/teams/:team/channels', { schema: channelTableSchema }, async (request) => {
    const { team, actor } = await getTeamAdmin(services, request, request.params.team);
    const { channels, total } = await findChannelTable(database, team, request.query.kind, partOf(request.query));
    const open = new Set((await findChannelsFor(database, team, actor.account, actor.role)).map(({ id }) => id));
    const rows = channels.map((channel) => {
      const { members, messages, lastMessageAt } = channel;
      return { ...presentChannel(channel, open.has(channel.id)), members, messages, lastMessageAt };
    });
    return { channels: rows, total };
  });

  app.get('/api/admin/teams/:team/invites', { schema: inviteTableSchema }, async (request) => {
    const { team } = await getTeamAdmin(services, request, request.params.team);
    const { invites, total } = await findInviteTable(database, team, request.query.state, partOf(request.query));
    return { invites: invites.map((invite) => ({ ...invite, usedBy: [...invite.usedBy] })), total };
  });
}

function presentRow(team: TeamTableRow, role: Role | undefined) {
  const { members, channels, messages, retentionDays } = team;
  return { ...presentTeam(team, role), members, channels, messages, retentionDays };
}
