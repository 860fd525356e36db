import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KosmosError, type ErrorDetails } from '../foundation/errors.ts';

/** Fastify's own errors in our codes: https://fastify.dev/docs/latest/Reference/Errors/ */
const translations: Readonly<Record<string, (error: FastifyError, request: FastifyRequest) => KosmosError>> = {
  FST_ERR_VALIDATION: (error) => new KosmosError('KOSMOS_ERR_VALIDATION', { reason: error.message }),
  FST_ERR_CTP_BODY_TOO_LARGE: (_, request) => new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: request.routeOptions.bodyLimit }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new KosmosError('KOSMOS_ERR_MEDIA_TYPE'),
  FST_ERR_NOT_FOUND: () => new KosmosError('KOSMOS_ERR_NOT_FOUND'),
};

/** Every failure leaves as `{code, message, details?}`; what we did not foresee is logged and leaves as KOSMOS_ERR_INTERNAL. */
export function useCodedErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(codedError(error, request), reply));
}

export function answerNotFound(_: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answer(new KosmosError('KOSMOS_ERR_NOT_FOUND'), reply);
}

export function answer(error: KosmosError, reply: FastifyReply): FastifyReply {
  const seconds: ErrorDetails[string] | undefined = error.details.seconds;
  if (error.status === 429 && seconds !== undefined) void reply.header('retry-after', String(seconds));
  return reply.code(error.status).type('application/json').send(JSON.stringify(error));
}

export function codedError(error: FastifyError, request: FastifyRequest): KosmosError {
  if (error instanceof KosmosError) return error;
  const translate = translations[error.code];
  if (translate) return translate(error, request);
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: error.message });
  request.log.error({ err: error, requestId: request.id }, 'request failed');
  return new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: request.id });
}
