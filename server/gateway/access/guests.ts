import { newId } from '../../foundation/crypto.ts';
import { KosmosError } from '../../foundation/errors.ts';
import type { Handshake, Visitor } from './handshake.ts';
import type { Limits } from './limits.ts';

/** People without an account, where the admin allows them: so many from one address, for so long, with nothing kept. */
export class Guests {
  readonly #limits: Limits['guests'];
  readonly #perAddress = new Map<string, number>();
  #count = 0;

  constructor({ guests }: Limits) {
    this.#limits = guests;
  }

  /** A guest of its own for each socket; `left` is to be called when it is gone. Throws KOSMOS_ERR_SOCKET_LIMIT. */
  enter({ headers }: Handshake): Visitor {
    const address = addressOf(headers['x-forwarded-for']);
    const here = this.#perAddress.get(address) ?? 0;
    const { socketsPerAddress, sockets, lifetime } = this.#limits;
    if (here >= socketsPerAddress) throw new KosmosError('KOSMOS_ERR_SOCKET_LIMIT', { limit: socketsPerAddress });
    if (this.#count >= sockets) throw new KosmosError('KOSMOS_ERR_SOCKET_LIMIT', { limit: sockets });
    this.#count += 1;
    this.#perAddress.set(address, here + 1);
    const id = `guest-${newId()}`;
    return {
      account: { id, name: id, isGuest: true },
      session: { id, expiresAt: new Date(Date.now() + lifetime).toISOString() },
      left: () => this.#leave(address),
    };
  }

  #leave(address: string): void {
    this.#count -= 1;
    const others = (this.#perAddress.get(address) ?? 1) - 1;
    if (others > 0) this.#perAddress.set(address, others);
    else this.#perAddress.delete(address);
  }
}

/** What stands in front of the gateway says whom it serves, last in the list. One /64 of IPv6 is one place. */
function addressOf(header: string | string[] | undefined): string {
  const list = Array.isArray(header) ? header.join(',') : (header ?? '');
  const address = list.split(',').at(-1)?.trim() ?? '';
  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}
