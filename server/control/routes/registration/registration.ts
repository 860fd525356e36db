import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashToken, newToken } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import { timestamp } from '../../../database/database.ts';
import { findSetting } from '../../../database/settings.ts';
import { createAccount, createKeys, findLookalike, type Account, type NewAccount } from '../../../identity/accounts.ts';
import { normaliseName } from '../../../identity/names.ts';
import type { ScramKeys } from '../../../identity/scram.ts';
import { joinTeam } from '../../../teams/access.ts';
import { recordAct } from '../../../teams/acts.ts';
import { findTeam, type Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { logIn } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { isMailAddress, sendMail } from '../../mail.ts';
import { findMailServer } from '../../mail-settings.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { presentLoggedIn } from '../logged-in.ts';
import { byInvite } from '../settings/settings.ts';
import { confirmRegistrationSchema, registerSchema, registrationSchema } from './schema.ts';

type Wanted = Static<typeof registerSchema.body>;

const LIFETIME = 24 * 3_600_000;
/** Registrations that wait for their mail; each was mailed to somebody. */
const MOST_WAITING = 1_000;
/** Whoever has no account yet is known by address alone, and a mail costs somebody else something. */
const tries = { rateLimit: { max: 10, timeWindow: 60_000 } };

export function registrationRoutes(app: App, services: Services): void {
  app.get('/api/registration', { schema: registrationSchema }, async () => {
    const { policy, domains, team } = await readPolicy(services);
    return { policy, domains, team: team ? { name: team.name, slug: team.slug } : null };
  });

  app.post('/api/register', { schema: registerSchema, config: tries }, async (request, reply) => {
    const { policy, domains, team } = await readPolicy(services);
    if (policy === 'invite' || !team) throw new KosmosError('KOSMOS_ERR_REGISTRATION_CLOSED');
    if (policy === 'domains') {
      await askByMail(services, request, team, domains);
      return reply.code(202).send({ sent: true });
    }
    const { name, password, displayName } = request.body;
    const keys = await createKeys(name, password);
    return reply.code(201).send(await enter(services, request, reply, team, { name, displayName }, keys));
  });

  app.post('/api/register/:token', { schema: confirmRegistrationSchema, config: tries }, async (request, reply) => {
    const row = await services.database
      .selectFrom('registrations')
      .selectAll()
      .where('token_hash', '=', hashToken(request.params.token))
      .where('expires_at', '>', timestamp())
      .executeTakeFirst();
    const team = row && (await findTeam(services.database, row.team_id));
    if (!row || !team) throw new KosmosError('KOSMOS_ERR_REGISTRATION_EXPIRED');
    const account = { name: row.name, displayName: row.display_name ?? undefined, email: row.email };
    return reply.code(201).send(await enter(services, request, reply, team, account, JSON.parse(row.keys) as ScramKeys[], row.token_hash));
  });
}

async function readPolicy({ database }: Services) {
  const { policy, domains, team } = (await findSetting(database, 'registration')) ?? byInvite;
  return { policy, domains, team: team === null ? undefined : await findTeam(database, team) };
}

async function askByMail(
  services: Services,
  request: FastifyRequest<{ Body: Wanted }>,
  team: Team,
  domains: readonly string[],
): Promise<void> {
  const { database } = services;
  const { name, password, displayName, email = '' } = request.body;
  checkEmail(email, domains);
  const keys = await createKeys(name, password);
  const taken = await findLookalike(database, name);
  if (taken) throw new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name: taken.name });
  const server = await findMailServer(services);
  if (!server) throw new KosmosError('KOSMOS_ERR_MAIL', { hop: 'dns', reason: 'no mail server is set' });
  const token = newToken();
  await database.deleteFrom('registrations').where('expires_at', '<=', timestamp()).execute();
  await database.deleteFrom('registrations').where('email', '=', email.toLowerCase()).execute();
  await checkRoom(services);
  const row = {
    token_hash: hashToken(token),
    name: normaliseName(name),
    display_name: displayName ?? null,
    email: email.toLowerCase(),
  };
  const times = { created_at: timestamp(), expires_at: timestamp(Date.now() + LIFETIME) };
  await database
    .insertInto('registrations')
    .values({ ...row, ...times, keys: JSON.stringify(keys), team_id: team.id })
    .execute();
  const link = `${originOf(services, request)}/register/${token}`;
  const text = `Somebody, you we hope, wants to join ${team.name} on ${services.house.domain} as ${row.name}.\n\nIf so, open this within a day:\n${link}\n\nIf not, leave it: nothing happens then.`;
  await sendMail(server, { to: email, subject: `Join ${team.name.replace(/[^\x20-\x7e]/g, '?')}`, text });
}

/** Throws KOSMOS_ERR_EMAIL_INVALID or KOSMOS_ERR_EMAIL_DOMAIN. */
function checkEmail(email: string, domains: readonly string[]): void {
  if (!isMailAddress(email)) throw new KosmosError('KOSMOS_ERR_EMAIL_INVALID', { email: email.slice(0, 100) });
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (!domains.includes(domain)) throw new KosmosError('KOSMOS_ERR_EMAIL_DOMAIN', { domains: domains.join(', ') });
}

async function checkRoom({ database }: Services): Promise<void> {
  const { count } = await database
    .selectFrom('registrations')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST_WAITING) throw new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds: 3_600 });
}

/** Makes the account a member and logs it in. */
async function enter(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  team: Team,
  wanted: NewAccount,
  keys: readonly ScramKeys[],
  registration?: string,
) {
  const account = await services.outbox.change(async (change): Promise<Account> => {
    if (registration !== undefined) {
      const taken = await change.queries.deleteFrom('registrations').where('token_hash', '=', registration).executeTakeFirst();
      if (Number(taken.numDeletedRows) === 0) throw new KosmosError('KOSMOS_ERR_REGISTRATION_EXPIRED');
    }
    const created = await createAccount(change, wanted, keys);
    await joinTeam(change, team, created, 'member');
    const by = { ...doerOf(request), name: created.name };
    await recordAct(change, by, { action: 'member.join', team, target: created.name, details: { registered: true } });
    return created;
  });
  await services.house.untilProvisioned();
  const { caller } = await logIn(services, request, reply, account);
  return presentLoggedIn(services.database, caller);
}
