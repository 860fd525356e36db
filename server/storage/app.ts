import type { RequestListener } from 'node:http';
import { isKosmosError, KosmosError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import { Authorize, type Authority } from './authorize/authorize.ts';
import { DocumentRequests, type StorageDoor } from './document-requests.ts';
import { openToAll, sendError } from './http.ts';
import { OAUTH_PATH, WebFinger } from './webfinger.ts';

/** Everything that storage answers: WebFinger, the page that lets apps in, and documents. */
export function createStorageListener(parts: StorageDoor & Authority): RequestListener {
  const webFinger = new WebFinger(parts.database, parts.findDomain);
  const authorize = new Authorize(parts);
  const documents = new DocumentRequests(parts);
  return (request, response) => {
    const [path = '', search = ''] = splitOnce(request.url ?? '', '?');
    const { logger } = parts;
    response.once('close', () => logger.debug({ method: request.method, path, status: response.statusCode }, 'answered'));
    const route = async (): Promise<void> => {
      if (path === '/.well-known/webfinger') return webFinger.handle(request, response, new URLSearchParams(search));
      if (path.startsWith(OAUTH_PATH))
        return authorize.handle(request, response, path.slice(OAUTH_PATH.length), new URLSearchParams(search));
      const [, name, below] = /^\/storage\/([a-z][a-z0-9_-]{0,63})(\/.*)$/.exec(path) ?? [];
      if (name && below) return documents.handle(request, response, name, below);
      throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    };
    route().catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, coded(error, logger), openToAll);
    });
  };
}

function coded(error: unknown, logger: Logger): KosmosError {
  if (isKosmosError(error)) return error;
  const requestId = Date.now().toString(36);
  logger.error({ err: error, requestId }, 'a request failed');
  return new KosmosError('KOSMOS_ERR_INTERNAL', { requestId }, { cause: error });
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
