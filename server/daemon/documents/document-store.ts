import type { RemoteStorage, StorageAccess } from '../../archive/remote-storage.ts';

/** Where a team's documents go. */
export interface DocumentStore {
  /** Replaces the document at `path` (no slash in front) as one step. Throws if it could not. */
  put(teamId: string, path: string, document: object): Promise<void>;
  /** Throws if it could not; that there was none is as good. */
  remove(teamId: string, path: string): Promise<void>;
}

/** Whose storage it is, and what opens it. */
export interface StorageAccounts {
  accessFor(teamId: string): Promise<StorageAccess>;
  /** The storage refused the token: `accessFor` is to make another. */
  forget(teamId: string): Promise<void>;
}

/** Each team's documents in the team's own remoteStorage account. */
export class TeamDocuments implements DocumentStore {
  readonly #storage: RemoteStorage;
  readonly #accounts: StorageAccounts;

  constructor(storage: RemoteStorage, accounts: StorageAccounts) {
    this.#storage = storage;
    this.#accounts = accounts;
  }

  async put(teamId: string, path: string, document: object): Promise<void> {
    await this.#check(teamId, await this.#storage.put(await this.#accounts.accessFor(teamId), path, document), [200, 201]);
  }

  async remove(teamId: string, path: string): Promise<void> {
    await this.#check(teamId, await this.#storage.remove(await this.#accounts.accessFor(teamId), path), [200, 204, 404]);
  }

  async #check(teamId: string, status: number, good: readonly number[]): Promise<void> {
    if (status === 401 || status === 403) await this.#accounts.forget(teamId);
    if (!good.includes(status)) throw new Error(`the storage answered ${status}`);
  }
}
