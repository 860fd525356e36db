import type { IncomingMessage, ServerResponse } from 'node:http';
import { isKosmosError, KosmosError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Database } from '../database/database.ts';
import { findAccount } from '../identity/accounts.ts';
import { FailureLimit } from '../identity/rate-limit.ts';
import { findGrant, type OpenedGrant } from '../identity/storage-grants.ts';
import { askArmadietto } from './armadietto.ts';
import { sendDocument, sendAnswer, storageHeaders } from './answers.ts';
import { discardBody, sendError, visitOf, type Visit } from './http.ts';
import { canonicalPath, isPublicDocument, parsePath, type StoragePath } from './paths.ts';
import { readPreconditions } from './preconditions.ts';
import { fitsReader, RequestStore, type StorageRequest } from './request-store.ts';
import { Running } from './running.ts';
import type { Content, Documents } from './store/documents.ts';
import { FolderDescriptions } from './store/folder-descriptions.ts';

const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'];
/** Guesses of tokens, and of public documents by who shows no token (draft-dejong-remotestorage, section 14). */
const guesses = { failures: 300, window: 5 * 60_000 };
const LONGEST_TYPE = 255;

export interface StorageDoor {
  readonly database: Database;
  readonly documents: Documents;
  readonly running: Running;
  readonly logger: Logger;
}

/** Requests below `/storage/<name>/`. What is refused is refused before a byte of the body is read. */
export class DocumentRequests {
  readonly #door: StorageDoor;
  readonly #folders: FolderDescriptions;
  readonly #guesses = new FailureLimit(guesses);

  constructor(door: StorageDoor) {
    this.#door = door;
    this.#folders = new FolderDescriptions(door.documents);
  }

  async handle(request: IncomingMessage, response: ServerResponse, name: string, encodedPath: string): Promise<void> {
    const visit = visitOf(request);
    try {
      await this.#answer(request, response, { visit, name, path: parsePath(encodedPath) });
    } catch (error) {
      this.#refuse(request, response, visit, error);
    }
    if (!request.complete) discardBody(request);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    asked: { visit: Visit; name: string; path: StoragePath },
  ): Promise<void> {
    const { visit, name, path } = asked;
    checkMethod(request);
    checkUse(request);
    const isOpen = request.method === 'OPTIONS' || (isReading(request) && isPublicDocument(path));
    const grant = await this.#findGrant(request, visit, isOpen);
    const accountId = grant?.account.name === name ? grant.account.id : await this.#findOwner(name, isOpen);
    this.#door.running.add(accountId, response);
    const content = (): Content => this.#contentOf(request, response);
    const asking: StorageRequest = { accountId, path, grant, content, preconditions: readPreconditions(request.headers) };
    const store = new RequestStore(this.#door.documents, this.#folders, asking);
    const answer = await askArmadietto(forArmadietto(request, name, path), store);
    if (store.failure) throw store.failure;
    if (isReading(request) && store.document && !fitsReader(asking, store.document)) throw new KosmosError('KOSMOS_ERR_STORAGE_CONDITION');
    if (answer.status === 404 && !grant && visit.address) this.#guesses.countFailure(visit.address);
    if (store.document) await sendDocument(request, response, this.#door.documents, asking, answer, store.document);
    else sendAnswer(request, response, asking, { ...answer, body: store.folder?.body ?? answer.body }, visit);
  }

  /** Throws KOSMOS_ERR_STORAGE_TOKEN unless the request is open to all or shows a token that is known. */
  async #findGrant(request: IncomingMessage, { address }: Visit, isOpen: boolean): Promise<OpenedGrant | undefined> {
    const seconds = address ? this.#guesses.secondsLeft(address) : 0;
    if (seconds > 0) throw new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds });
    const token = bearerOf(request);
    const grant = token === undefined ? undefined : await findGrant(this.#door.database, token);
    if (grant || isOpen) return grant;
    if (token !== undefined && address) this.#guesses.countFailure(address);
    throw new KosmosError('KOSMOS_ERR_STORAGE_TOKEN');
  }

  /** '' for nobody: such an account has no documents, and no token opens it. */
  async #findOwner(name: string, isOpen: boolean): Promise<string> {
    const account = isOpen ? await findAccount(this.#door.database, name) : undefined;
    return account && !account.disabledAt ? account.id : '';
  }

  /** Tells a client that waits for it to send the body now. */
  #contentOf(request: IncomingMessage, response: ServerResponse): Content {
    if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
    const length = request.headers['content-length'];
    return {
      type: request.headers['content-type'] ?? '',
      bytes: request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
      length: length === undefined ? undefined : Number(length),
    };
  }

  #refuse(request: IncomingMessage, response: ServerResponse, visit: Visit, error: unknown): void {
    if (response.headersSent || response.destroyed || (request.destroyed && !request.complete)) {
      this.#door.logger.debug({ err: error }, 'the client or the account went away during the exchange');
      response.destroy();
      return;
    }
    const coded = isKosmosError(error) && !isOfBucket(error) ? error : this.#unexpected(error);
    const headers: Record<string, string> = { ...storageHeaders };
    if (coded.status === 401) headers['www-authenticate'] = challengeOf(visit, bearerOf(request) !== undefined);
    if (coded.status === 405) headers.allow = methods.join(', ');
    sendError(response, coded, headers);
  }

  /** Where the bucket is, and with which keys it is asked, is not for members. */
  #unexpected(error: unknown): KosmosError {
    if (isOfBucket(error)) {
      this.#door.logger.error({ code: error.code }, error.message);
      return new KosmosError('KOSMOS_ERR_STORAGE_AWAY', {}, { cause: error });
    }
    const failure = new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: Date.now().toString(36) }, { cause: error });
    this.#door.logger.error({ err: error, requestId: failure.details.requestId }, 'a storage request failed');
    return failure;
  }
}

function isOfBucket(error: unknown): error is KosmosError {
  return isKosmosError(error) && error.code.startsWith('KOSMOS_ERR_S3_');
}

/** RFC 6750, 3: without a token in the request there is no error to name. */
function challengeOf({ host }: Visit, hadToken: boolean): string {
  return `Bearer realm="${host}"${hadToken ? ', error="invalid_token"' : ''}`;
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +([\w.~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
}

function checkMethod({ method, headers }: IncomingMessage): void {
  if (!methods.includes(method ?? '')) throw new KosmosError('KOSMOS_ERR_STORAGE_METHOD');
  const isTypeLong = (headers['content-type']?.length ?? 0) > LONGEST_TYPE;
  if (method === 'PUT' && isTypeLong) throw new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: 'its Content-Type is too long' });
}

/** Documents share the origin of the web client: none may become a script, a worker, a style or a frame of it. */
function checkUse({ headers }: IncomingMessage): void {
  const harmless = [undefined, 'empty', 'document', 'image', 'audio', 'video', 'font', 'track'];
  const isOwnPage = headers['sec-fetch-site'] === 'same-origin';
  const destination = headers['sec-fetch-dest']?.toString();
  if (isOwnPage && !harmless.includes(destination)) throw new KosmosError('KOSMOS_ERR_STORAGE_EMBEDDED');
}

/** What Armadietto needs to see: neither the token nor the conditions, which our store checks. */
function forArmadietto(request: IncomingMessage, name: string, path: StoragePath) {
  const { origin } = request.headers;
  const headers = {
    ...{ origin, 'content-type': request.headers['content-type'], host: request.headers.host },
    'content-range': request.headers['content-range'],
  };
  return { method: request.method ?? 'GET', path: `/storage/${name}${canonicalPath(path)}`, headers };
}
