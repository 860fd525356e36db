import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { KosmosError } from '../foundation/errors.ts';
import type { App } from './app-type.ts';
import { useCallers } from './caller.ts';
import { answer, answerNotFound, codedError, useCodedErrors } from './errors.ts';
import { eventRoutes } from './internal/event-stream.ts';
import { internalRoutes } from './internal/internal.ts';
import { proxyToComponents, trustedProxies } from './proxy.ts';
import { routes } from './routes/all.ts';
import { compileWhenAsked } from './schemas.ts';
import { VERSION, type Services } from './services.ts';
import { serveWeb } from './web.ts';

const LARGEST_BODY = 64 * 1024;
const REQUEST_TIMEOUT = 120_000;

/** What the public port answers: the API, the web client, and the components behind the same name. */
export async function buildApp(services: Services, webFolder: string): Promise<App> {
  const app = createApp(services);
  await app.register(cookie);
  await app.register(helmet, helmetOptions);
  await app.register(rateLimit, {
    max: () => services.preferences.limits.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_, { ttl }) => new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds: Math.ceil(ttl / 1000) }),
  });
  await app.register(swagger, {
    openapi: { info: { title: 'Kosmos Chat', description: 'The control plane’s API', version: VERSION } },
    transform: ({ schema, url }) => ({ schema: url.startsWith('/api/') ? schema : { ...schema, hide: true }, url }),
  });
  await app.register(async (scope) => {
    const api = scope.withTypeProvider<TypeBoxTypeProvider>();
    api.addHook('onRequest', async (_, reply) => void reply.header('cache-control', 'no-store'));
    useCallers(api, services);
    for (const addRoutes of routes) addRoutes(api, services);
    api.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
  await serveWeb(app, webFolder);
  await proxyToComponents(app, () => services.house.appliance.topology, trustedProxies(services.settings));
  return app;
}

/** What components ask, on addresses that the outside cannot reach. */
export function buildInternalApp(services: Services): App {
  const app = createApp(services);
  app.setNotFoundHandler(answerNotFound);
  internalRoutes(app, services);
  eventRoutes(app, services);
  return app;
}

function createApp({ logger, settings }: Services): App {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LARGEST_BODY,
    requestTimeout: REQUEST_TIMEOUT,
    // The edge runs beside us or in a container of ours; nobody else's word about a client's address counts.
    trustProxy: trustedProxies(settings),
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void answer(codedError(error, request), reply),
  });
  useCodedErrors(app);
  compileWhenAsked(app);
  return app.withTypeProvider<TypeBoxTypeProvider>();
}

/** Scripts and styles of ours alone; pictures and other people's storages from anywhere, as members choose. */
const helmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      connectSrc: ["'self'", 'https:', 'ws:', 'wss:'],
      fontSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      imgSrc: ["'self'", 'https:', 'data:', 'blob:'],
      mediaSrc: ["'self'", 'https:', 'blob:'],
      objectSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      workerSrc: ["'self'"],
    },
  },
  // The edge sets it once there is a certificate; on plain localhost it would lock people out.
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: 'same-origin' as const },
};
