import type { ServerResponse } from 'node:http';

/** Exchanges in progress by account, so that a long transfer ends with the account's right to it. */
export class Running {
  readonly #responses = new Map<string, Set<ServerResponse>>();

  add(accountId: string, response: ServerResponse): void {
    const responses = this.#responses.get(accountId) ?? new Set();
    this.#responses.set(accountId, responses.add(response));
    response.once('close', () => {
      responses.delete(response);
      if (responses.size === 0) this.#responses.delete(accountId);
    });
  }

  end(accountId: string): void {
    for (const response of this.#responses.get(accountId) ?? []) response.destroy();
  }
}
