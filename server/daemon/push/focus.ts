/** A client says so again before this is over. */
const LASTS = 60_000;

/** Who is looking at a client right now, and so needs no push. */
export class Focus {
  readonly #until = new Map<string, Map<string, number>>();

  /** `client` tells several of one account apart. */
  set(accountId: string, client: string, isFocused: boolean): void {
    const clients = this.#until.get(accountId) ?? new Map<string, number>();
    if (isFocused) clients.set(client, Date.now() + LASTS);
    else clients.delete(client);
    if (clients.size > 0) this.#until.set(accountId, clients);
    else this.#until.delete(accountId);
  }

  has(accountId: string): boolean {
    const clients = this.#until.get(accountId);
    if (!clients) return false;
    for (const [client, until] of clients) if (until <= Date.now()) clients.delete(client);
    if (clients.size === 0) this.#until.delete(accountId);
    return clients.size > 0;
  }
}
