import http from 'node:http';
import type { Address } from '../../foundation/topology.ts';

/** Where a team's documents go. */
export interface DocumentStore {
  /** Replaces the document at `path` (no slash in front) as one step. Throws if it could not. */
  put(teamId: string, path: string, document: object): Promise<void>;
}

export interface StorageAccess {
  /** Path of the account's storage: `/storage/<account>`. */
  readonly root: string;
  readonly token: string;
}

/** Whose storage it is, and what opens it. */
export interface StorageAccounts {
  accessFor(teamId: string): Promise<StorageAccess>;
  /** The storage refused the token: `accessFor` is to make another. */
  forget(teamId: string): Promise<void>;
}

const LIMIT = 30_000;

/** A remoteStorage server (draft-dejong-remotestorage): a PUT there replaces the whole document. */
export class RemoteStorage implements DocumentStore {
  readonly #address: Address;
  readonly #accounts: StorageAccounts;

  constructor(address: Address, accounts: StorageAccounts) {
    this.#address = address;
    this.#accounts = accounts;
  }

  async put(teamId: string, path: string, document: object): Promise<void> {
    const { root, token } = await this.#accounts.accessFor(teamId);
    const body = Buffer.from(JSON.stringify(document));
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': String(body.length) };
    const status = await this.#request(`${root}/${encoded}`, headers, body);
    if (status === 401 || status === 403) await this.#accounts.forget(teamId);
    if (status !== 200 && status !== 201) throw new Error(`the storage answered ${status}`);
  }

  #request(path: string, headers: Record<string, string>, body: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = http.request({ ...this.#address, method: 'PUT', path, headers, signal: AbortSignal.timeout(LIMIT) });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.end(body);
    });
  }
}
