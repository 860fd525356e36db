import { findSetting } from '../../../database/settings.ts';
import type { App } from '../../app-type.ts';
import { VERSION, type Services } from '../../services.ts';
import { byInvite, DEFAULT_LANGUAGE } from '../settings/settings.ts';
import { applianceSchema, healthSchema } from './schema.ts';

export function healthRoutes(app: App, services: Services): void {
  const { house, settings } = services;

  app.get('/api/health', { schema: healthSchema }, async (_, reply) => {
    const status = overallStatus(services);
    const unavailable = status === 'starting' || status === 'failed';
    return reply.code(unavailable ? 503 : 200).send({ status, version: VERSION, components: services.supervisor.statuses() });
  });

  app.get('/api/appliance', { schema: applianceSchema }, async () => ({
    version: VERSION,
    status: house.isSetUp ? ('ready' as const) : ('setup' as const),
    domain: house.domain,
    roomsDomain: `rooms.${house.domain}`,
    irc: { host: house.domain, port: settings.ircsPort, secure: true },
    xmpp: { host: house.domain, port: settings.xmppPort },
    language: (await findSetting(services.database, 'language')) ?? DEFAULT_LANGUAGE,
    registration: ((await findSetting(services.database, 'registration')) ?? byInvite).policy,
  }));
}

export function overallStatus({
  supervisor,
  house,
}: Pick<Services, 'supervisor' | 'house'>): 'setup' | 'ok' | 'degraded' | 'starting' | 'failed' {
  const states = supervisor.components.map(({ state }) => state);
  if (states.includes('failed')) return 'failed';
  if (!house.isStarted) return 'starting';
  if (states.some((state) => state !== 'ready')) return 'degraded';
  return house.isSetUp ? 'ok' : 'setup';
}
