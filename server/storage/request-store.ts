import { isKosmosError } from '../foundation/errors.ts';
import type { OpenedGrant } from '../identity/storage-grants.ts';
import type { ArmadiettoStore, StoredItem } from './armadietto.ts';
import type { StoragePath } from './paths.ts';
import { fitsMatch, namesCurrent, type Preconditions } from './preconditions.ts';
import type { Content, Documents } from './store/documents.ts';
import type { FolderDescription, FolderDescriptions } from './store/folder-descriptions.ts';
import type { DocumentRow } from './store/items.ts';

/** What one request is about. */
export interface StorageRequest {
  readonly accountId: string;
  readonly path: StoragePath;
  readonly preconditions: Preconditions;
  /** Undefined where none is needed: a public document. */
  readonly grant: OpenedGrant | undefined;
  readonly content: () => Content;
}

type Got = Awaited<ReturnType<ArmadiettoStore['get']>>;
type Put = Awaited<ReturnType<ArmadiettoStore['put']>>;
type Deleted = Awaited<ReturnType<ArmadiettoStore['delete']>>;

/** Armadietto's store for one request: it knows path, conditions and body better than the arguments tell. */
export class RequestStore implements ArmadiettoStore {
  /** The document whose content is to be sent. */
  document: DocumentRow | undefined;
  /** The description to be sent in place of Armadietto's, which is of no items. */
  folder: FolderDescription | undefined;
  /** Why the store could not do it, where Armadietto would only say 500. */
  failure: unknown;
  readonly #documents: Documents;
  readonly #folders: FolderDescriptions;
  readonly #request: StorageRequest;

  constructor(documents: Documents, folders: FolderDescriptions, request: StorageRequest) {
    this.#documents = documents;
    this.#folders = folders;
    this.#request = request;
  }

  /** Nothing for a token of another account: Armadietto then answers 403, as the specification asks for. */
  async permissions(): Promise<Record<string, string[]>> {
    const { grant, accountId } = this.#request;
    if (!grant || grant.account.id !== accountId) return {};
    return Object.fromEntries(grant.scopes.map(({ module, level }) => [module === '*' ? '/' : `/${module}/`, [...level]]));
  }

  get(_name: string, _path: string, _version: string | null, head: boolean): Promise<Got> {
    return this.#keepFailure(() => (this.#request.path.isFolder ? this.#getFolder(head) : this.#getDocument()));
  }

  put(_name: string, _path: string, type: string): Promise<Put> {
    return this.#keepFailure(async () => {
      const { accountId, path, preconditions, content } = this.#request;
      try {
        const { etag, created } = await this.#documents.put(accountId, path.names, { ...content(), type }, preconditions);
        return { created, modified: etag };
      } catch (error) {
        if (isKosmosError(error, 'KOSMOS_ERR_STORAGE_CLASH')) return { isDir: true };
        return this.#asConflict(error);
      }
    });
  }

  delete(): Promise<Deleted> {
    return this.#keepFailure(async () => {
      const { accountId, path, preconditions } = this.#request;
      try {
        const modified = await this.#documents.remove(accountId, path.names, preconditions);
        return { deleted: modified !== undefined, modified };
      } catch (error) {
        return { deleted: false, ...(await this.#asConflict(error)) };
      }
    });
  }

  async #getFolder(head: boolean): Promise<Got> {
    const { accountId, path, preconditions } = this.#request;
    const current = await this.#documents.findFolderVersion(accountId, path.names);
    if (namesCurrent(preconditions, current)) return { item: { ETag: current }, versionMatch: true };
    if (!head) this.folder = await this.#folders.describe(accountId, path.names, current);
    return { item: { ETag: current, items: {} } };
  }

  async #getDocument(): Promise<Got> {
    const { accountId, path, preconditions } = this.#request;
    const document = await this.#documents.findDocument(accountId, path.names);
    if (!document) return { item: null };
    const item: StoredItem = { ETag: document.etag, 'Content-Type': document.type };
    if (namesCurrent(preconditions, document.etag)) return { item, versionMatch: true };
    this.document = document;
    return { item };
  }

  /** The answer to a condition that failed tells the version that is there. */
  async #asConflict(error: unknown): Promise<{ conflict: true; modified?: string }> {
    if (!isKosmosError(error, 'KOSMOS_ERR_STORAGE_CONDITION')) throw error;
    const { accountId, path } = this.#request;
    return { conflict: true, modified: (await this.#documents.findDocument(accountId, path.names))?.etag };
  }

  async #keepFailure<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/** Whether If-Match of a reader holds; Armadietto has no answer for that. */
export function fitsReader({ preconditions }: StorageRequest, document: DocumentRow | undefined): boolean {
  return fitsMatch(preconditions, document?.etag);
}
