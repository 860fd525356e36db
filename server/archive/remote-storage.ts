import { requestComponent, type InternalResponse } from '../foundation/http-client.ts';
import type { Address } from '../foundation/topology.ts';

export interface StorageAccess {
  /** Path of the account's storage: `/storage/<account>`. */
  readonly root: string;
  readonly token: string;
}

const LIMIT = 30_000;
/** Of one document: far above the busiest day of a channel. */
const LARGEST = 32 * 1024 * 1024;

/** What we ask of a remoteStorage server (draft-dejong-remotestorage). Paths have no slash in front; folders end with one. */
export class RemoteStorage {
  readonly #address: Address;

  constructor(address: Address) {
    this.#address = address;
  }

  /** Replaces the document as one step; gives the status. */
  async put(access: StorageAccess, path: string, document: object): Promise<number> {
    return (await this.#request('PUT', access, path, document)).status;
  }

  async remove(access: StorageAccess, path: string): Promise<number> {
    return (await this.#request('DELETE', access, path)).status;
  }

  /** The JSON of a document; undefined if there is none or it is no JSON. Throws where the storage does not let us read. */
  async get(access: StorageAccess, path: string): Promise<unknown> {
    const { status, body } = await this.#request('GET', access, path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`the storage answered ${status}`);
    try {
      return JSON.parse(body);
    } catch {
      return undefined;
    }
  }

  /** Names in a folder, folders with a slash at their end; none if there is no such folder. */
  async list(access: StorageAccess, folder: string): Promise<string[]> {
    const description = (await this.get(access, folder)) as { items?: object } | undefined;
    return Object.keys(description?.items ?? {}).sort();
  }

  #request(method: 'GET' | 'PUT' | 'DELETE', { root, token }: StorageAccess, path: string, body?: object): Promise<InternalResponse> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const headers = { authorization: `Bearer ${token}` };
    return requestComponent('storage', this.#address, {
      ...{ method, path: `${root}/${encoded}`, headers, timeout: LIMIT, largest: LARGEST },
      ...(body ? { body } : {}),
    });
  }
}
