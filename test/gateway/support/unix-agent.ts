import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from '../../../server/foundation/topology.ts';
import { listenOptions } from '../../../server/foundation/topology.ts';

/** Leads every connection to the gateway's socket, where control's proxy leads them otherwise. */
export class UnixAgent extends http.Agent {
  readonly #address: Address;

  constructor(address: Address) {
    super();
    this.#address = address;
  }

  override createConnection(): Duplex {
    return net.connect(listenOptions(this.#address));
  }
}
