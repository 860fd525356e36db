import type { Static } from '@fastify/type-provider-typebox';
import type { Database } from '../../database/database.ts';
import { findTeamsOf } from '../../teams/teams.ts';
import type { Caller } from '../caller.ts';
import { mustEnrol } from '../second-factor-login.ts';
import { presentAccount, presentSession, presentTeam } from '../presenters.ts';
import type { LoggedInBody } from './shared.ts';

export async function presentLoggedIn(database: Database, { account, session }: Caller): Promise<Static<typeof LoggedInBody>> {
  const teams = await findTeamsOf(database, account);
  return {
    account: presentAccount(account),
    session: presentSession(session, session.id),
    teams: teams.map((team) => presentTeam(team, team.role)),
    mustEnrol: await mustEnrol({ database }, account),
  };
}
