import type { Static } from '@fastify/type-provider-typebox';
import { KosmosError } from '../../../foundation/errors.ts';
import { parseDomain } from '../../../foundation/settings.ts';
import type { Change } from '../../../database/events.ts';
import { findSetting, storeSetting, type StoredSettings } from '../../../database/settings.ts';
import { hasFactor } from '../../../identity/second-factors.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import { findTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getCaller, type Caller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { isMailAddress, bareAddress, sendByHops } from '../../mail.ts';
import { findMailServer, openMailServer, sealMailServer, type GivenMailServer } from '../../mail-settings.ts';
import { DEFAULT_SESSION_DAYS, defaultLimits } from '../../preferences.ts';
import type { Services } from '../../services.ts';
import { changeSettingsSchema, settingsSchema, testMailSchema } from './schema.ts';

type Wanted = Static<typeof changeSettingsSchema.body>;
type Registration = StoredSettings['registration'];

export const byInvite: Registration = { policy: 'invite', domains: [], team: null };
export const DEFAULT_LANGUAGE = 'en';

export function settingRoutes(app: App, services: Services): void {
  const { database, outbox, preferences } = services;

  app.get('/api/admin/settings', { schema: settingsSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    return presentSettings(services);
  });

  app.patch('/api/admin/settings', { schema: changeSettingsSchema }, async (request) => {
    const caller = getCaller(request);
    checkMay(caller, 'administer the appliance');
    await outbox.change(async (change) => {
      await storeSettings(services, change, caller, request.body);
      await change.emit({ type: 'settings-changed' });
      await recordAct(change, doerOf(request), { action: 'settings.change', details: describe(request.body) });
    });
    await preferences.refresh(database);
    return presentSettings(services);
  });

  app.post('/api/admin/settings/smtp/test', { schema: testMailSchema }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    const { to, smtp } = request.body;
    if (!isMailAddress(to)) throw new KosmosError('KOSMOS_ERR_EMAIL_INVALID', { email: to.slice(0, 100) });
    const server = smtp ? await prepareGiven(services, smtp) : await findMailServer(services);
    if (!server) throw new KosmosError('KOSMOS_ERR_SETTING_INVALID', { setting: 'smtp', reason: 'no mail server is set' });
    await outbox.change((change) => recordAct(change, doerOf(request), { action: 'mail.test', target: server.host }));
    const text = `This is a test of the mail server of ${services.house.domain}. It arrived.`;
    const hops = await sendByHops(server, { to, subject: 'Kosmos Chat: a test', text });
    return { ok: hops.every(({ ok }) => ok), hops };
  });
}

async function prepareGiven(services: Services, given: GivenMailServer) {
  return openMailServer(services, sealMailServer(services, checkMailServer(given), await findSetting(services.database, 'smtp')));
}

async function storeSettings(services: Services, { queries }: Change, { account }: Caller, wanted: Wanted): Promise<void> {
  const { smtp, registration, secondFactorForAdmins, ...plain } = wanted;
  for (const key of ['language', 'sessionDays', 'limits'] as const) {
    if (plain[key] !== undefined) await storeSetting(queries, key, plain[key]);
  }
  if (secondFactorForAdmins !== undefined) {
    const locksOut = secondFactorForAdmins && !(await hasFactor(queries, account));
    if (locksOut) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_NONE');
    await storeSetting(queries, 'secondFactorForAdmins', secondFactorForAdmins);
  }
  if (smtp !== undefined) {
    const before = await findSetting(queries, 'smtp');
    await storeSetting(queries, 'smtp', smtp && sealMailServer(services, checkMailServer(smtp), before));
  }
  if (registration !== undefined) await storeSetting(queries, 'registration', await checkRegistration(services, queries, registration));
}

function checkMailServer(given: GivenMailServer): GivenMailServer {
  const isPlain = !/[\p{Cc}]/u.test(given.from);
  if (isPlain && isMailAddress(bareAddress(given.from))) return given;
  throw new KosmosError('KOSMOS_ERR_SETTING_INVALID', { setting: 'smtp', reason: `“${given.from.slice(0, 100)}” is no sender` });
}

async function checkRegistration(
  services: Services,
  queries: Change['queries'],
  wanted: NonNullable<Wanted['registration']>,
): Promise<Registration> {
  const { policy, domains = [], team: key = null } = wanted;
  const refuse = (reason: string): never => {
    throw new KosmosError('KOSMOS_ERR_SETTING_INVALID', { setting: 'registration', reason });
  };
  const team = key === null ? undefined : await findTeam(queries, key);
  if (policy === 'invite') return { policy, domains: [], team: team?.id ?? null };
  if (!team) return refuse('name the team that people join');
  const parsed = domains.map((domain) => parseDomain(domain.replace(/^@/, '')) ?? refuse(`“${domain}” is not a domain name`));
  if (policy === 'open') return { policy, domains: [], team: team.id };
  if (parsed.length === 0) refuse('name at least one mail domain');
  if (!(await findMailServer({ ...services, database: services.database })))
    refuse('set a mail server first: addresses are confirmed by mail');
  return { policy, domains: [...new Set(parsed)], team: team.id };
}

/** For the audit log: what was set, no password. */
function describe({ smtp, registration, limits, ...plain }: Wanted): Record<string, string | number | boolean | null> {
  return {
    ...plain,
    ...(registration ? { registration: [registration.policy, ...(registration.domains ?? [])].join(' ') } : {}),
    ...limits,
    ...(smtp === undefined ? {} : { smtp: smtp && `${smtp.host}:${smtp.port}` }),
  };
}

async function presentSettings({ database }: Services) {
  const registration = (await findSetting(database, 'registration')) ?? byInvite;
  const team = registration.team === null ? undefined : await findTeam(database, registration.team);
  const smtp = await findSetting(database, 'smtp');
  return {
    language: (await findSetting(database, 'language')) ?? DEFAULT_LANGUAGE,
    sessionDays: (await findSetting(database, 'sessionDays')) ?? DEFAULT_SESSION_DAYS,
    secondFactorForAdmins: (await findSetting(database, 'secondFactorForAdmins')) ?? false,
    registration: { policy: registration.policy, domains: registration.domains, team: team?.slug ?? null },
    limits: (await findSetting(database, 'limits')) ?? defaultLimits,
    smtp: smtp
      ? {
          ...{ host: smtp.host, port: smtp.port, security: smtp.security, user: smtp.user, from: smtp.from },
          hasPassword: smtp.password !== null,
        }
      : null,
  };
}
