import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import { isKosmosError, KosmosError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';

export type DaemonHttp = FastifyInstance;

const LARGEST_BODY = 2 * 1024 * 1024;
const REQUEST_LIMIT = 15_000;

/** The daemon's HTTP, behind control's proxy. Bodies are bounded, and left as they are until a route knows what they should be. */
export function createHttp(logger: Logger, health: () => object): DaemonHttp {
  const app = fastify({ bodyLimit: LARGEST_BODY, requestTimeout: REQUEST_LIMIT, logger: false, routerOptions: { maxParamLength: 300 } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler(() => {
    throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const coded = codedError(error, request.id);
    if (coded.status >= 500) logger.error({ err: error, request: request.id }, coded.message);
    if (coded.code === 'KOSMOS_ERR_RATE_LIMITED') void reply.header('retry-after', coded.details.seconds);
    return reply.code(coded.status).send(coded.toJSON());
  });
  app.get('/health', () => ({ status: 'ok', ...health() }));
  return app;
}

function codedError(error: FastifyError, requestId: string): KosmosError {
  if (isKosmosError(error)) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: LARGEST_BODY });
  const status = error.statusCode ?? 500;
  if (status < 500) return new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: error.message });
  return new KosmosError('KOSMOS_ERR_INTERNAL', { requestId });
}

/** The client, as control's proxy saw it: nobody else reaches the daemon. */
export function addressOf(request: FastifyRequest): string {
  const forwarded = request.headers['x-forwarded-for'];
  return (Array.isArray(forwarded) ? forwarded[0] : forwarded) ?? 'unknown';
}

export function rawBody(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
