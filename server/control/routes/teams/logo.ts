import { createHash } from 'node:crypto';
import { KosmosError } from '../../../foundation/errors.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import { changeTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { presentTeam } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { checkLogo } from './picture.ts';
import { logoSchema, putLogoSchema, removeLogoSchema } from './schema.ts';

const LARGEST = 256 * 1024;
const YEAR = 365 * 24 * 3600;

export function logoRoutes(app: App, services: Services): void {
  const { outbox } = services;

  void app.register(async (scope) => {
    scope.addContentTypeParser(['image/png', 'image/jpeg', 'image/webp'], { parseAs: 'buffer', bodyLimit: LARGEST }, (_, body, done) =>
      done(null, body),
    );
    scope.put<{ Params: { team: string } }>('/api/teams/:team/logo', { schema: putLogoSchema, bodyLimit: LARGEST }, async (request) => {
      const { team, actor } = await getTeamActor(services, request, request.params.team);
      checkMay(actor, 'change this team');
      if (!Buffer.isBuffer(request.body)) throw new KosmosError('KOSMOS_ERR_LOGO_INVALID', { reason: 'it is no PNG, JPEG or WebP' });
      const content = request.body;
      const type = checkLogo(content);
      const hash = createHash('sha256').update(content).digest('base64url');
      const changed = await outbox.change(async (change) => {
        const logo = { hash, type, content };
        const insert = change.queries.insertInto('logos').values(logo);
        await insert.onConflict((conflict) => conflict.doNothing()).execute();
        await recordAct(change, doerOf(request), { action: 'team.logo', team, target: team.name, details: { bytes: content.length } });
        return changeTeam(change, team, { logo: hash });
      });
      return presentTeam(changed, actor.role);
    });
  });

  app.delete('/api/teams/:team/logo', { schema: removeLogoSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'change this team');
    const changed = await outbox.change(async (change) => {
      const after = await changeTeam(change, team, { logo: null });
      const used = change.queries.selectFrom('teams').select('logo').where('logo', 'is not', null);
      await change.queries.deleteFrom('logos').where('hash', 'not in', used).execute();
      await recordAct(change, doerOf(request), { action: 'team.logo', team, target: team.name, details: { removed: true } });
      return after;
    });
    return presentTeam(changed, actor.role);
  });

  addLogo(app, services);
}

function addLogo(app: App, { database }: Services): void {
  app.get('/api/logos/:hash', { schema: logoSchema }, async (request, reply) => {
    const logo = await database.selectFrom('logos').selectAll().where('hash', '=', request.params.hash).executeTakeFirst();
    if (!logo) throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    void reply.header('cache-control', `public, max-age=${YEAR}, immutable`);
    // Whatever somebody managed to hide in a picture: nothing of it runs.
    void reply.header('content-security-policy', "default-src 'none'; sandbox").header('x-content-type-options', 'nosniff');
    return reply.type(logo.type).send(logo.content);
  });
}
