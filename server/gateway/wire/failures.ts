import { KosmosError, messageOf } from '../../foundation/errors.ts';
import { newId } from '../../foundation/crypto.ts';
import type { Logger } from '../../foundation/logging.ts';
import { isFields } from './envelope.ts';

const secrets = new Set(['password', 'token', 'serverPassword', 'key', 'certificate', 'passphrase', 'secret']);

/** A request as it may be sent back: what the credentials hold stays here. */
export function withoutSecrets(request: unknown): Readonly<Record<string, unknown>> {
  if (!isFields(request)) return {};
  const { object } = request;
  if (!isFields(object)) return request;
  const shown = Object.fromEntries(Object.entries(object).filter(([field]) => !secrets.has(field)));
  return { ...request, object: shown };
}

/** The acknowledgement of a request that was not done. Defects are logged under an id that the client sees, never shown. */
export function failure(request: unknown, error: unknown, logger: Logger): object {
  const coded = error instanceof KosmosError ? error : hide(error, logger);
  return { ...withoutSecrets(request), error: coded.message, errorCode: coded.code };
}

function hide(error: unknown, logger: Logger): KosmosError {
  const requestId = newId();
  logger.error({ err: error, requestId }, messageOf(error));
  return new KosmosError('KOSMOS_ERR_INTERNAL', { requestId });
}
