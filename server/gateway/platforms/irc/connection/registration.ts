import { KosmosError } from '../../../../foundation/errors.ts';
import type { Capabilities } from './capabilities.ts';
import type { IrcMessage, OutgoingMessage } from './message.ts';
import { authenticateChunks, type SaslMechanism } from './sasl.ts';

export interface Identity {
  readonly nick: string;
  readonly username: string;
  readonly realname: string;
  readonly serverPassword?: string;
  /** Ways to log in, best first, of those that the server offers (undefined: it does not say which). Empty: without an account. */
  mechanisms(offered: readonly string[] | undefined): readonly SaslMechanism[];
  /** Whether to go on without an account if no way to log in works. */
  readonly anonymous: boolean;
}

const MOST_NICKS = 4;
const LONGEST_CHALLENGE = 16_384;

/** From the first line to the end of the message of the day: capabilities (CAP 302), SASL, nick. */
export class Registration {
  /** Resolves when the server is ready. Rejects with KOSMOS_ERR_SERVER_LOGIN or KOSMOS_ERR_SERVER_REFUSED. */
  readonly done: Promise<void>;
  readonly #server: string;
  readonly #identity: Identity;
  readonly #capabilities: Capabilities;
  readonly #send: (message: OutgoingMessage) => void;
  #settle!: { resolve: () => void; reject: (error: Error) => void };
  #nick: string;
  #nicksTried = 1;
  /** The nick, from the moment on when the server is ready. */
  finished: string | undefined;
  #awaited = 0;
  #welcomed = false;
  #mechanisms: SaslMechanism[] = [];
  #challenge = '';

  constructor(server: string, identity: Identity, capabilities: Capabilities, send: (message: OutgoingMessage) => void) {
    this.#server = server;
    this.#identity = identity;
    this.#capabilities = capabilities;
    this.#send = send;
    this.#nick = identity.nick;
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.done.catch(() => undefined);
  }

  start(): void {
    const { serverPassword, nick, username, realname } = this.#identity;
    this.#send({ command: 'CAP', params: ['LS', '302'] });
    if (serverPassword !== undefined) this.#send({ command: 'PASS', params: [serverPassword] });
    this.#send({ command: 'NICK', params: [nick] });
    this.#send({ command: 'USER', params: [username, '0', '*', realname] });
  }

  fail(error: Error): void {
    this.#settle.reject(error);
  }

  receive(message: IrcMessage): void {
    const { command, params } = message;
    if (command === 'CAP') this.#receiveCap(message);
    else if (command === 'AUTHENTICATE') this.#receiveChallenge(params[0] ?? '+');
    else if (command === '903') this.#send({ command: 'CAP', params: ['END'] });
    else if (/^90[24568]$/.test(command)) this.#nextMechanism(params.at(-1) ?? command);
    else if (command === '001') this.#welcome(params[0] ?? this.#nick);
    else if ((command === '376' || command === '422') && this.#welcomed) this.#finish();
    else if (/^43[2367]$/.test(command)) this.#otherNick(params.at(-1) ?? command);
    else if (/^(463|464|465|466|ERROR)$/.test(command)) this.#refuse(params.at(-1) ?? command);
  }

  #finish(): void {
    this.finished = this.#nick;
    this.#settle.resolve();
  }

  #welcome(nick: string): void {
    this.#nick = nick;
    this.#welcomed = true;
  }

  #receiveCap({ params }: IrcMessage): void {
    const [, subcommand, ...rest] = params;
    const list = rest.at(-1) ?? '';
    if (subcommand === 'LS') {
      this.#capabilities.offer(list);
      if (rest[0] !== '*' || rest.length === 1) this.#requestCapabilities();
    } else if (subcommand === 'ACK' || subcommand === 'NAK') {
      if (subcommand === 'ACK') this.#capabilities.acknowledge(list);
      this.#awaited -= 1;
      if (this.#awaited === 0) this.#logIn();
    }
  }

  #requestCapabilities(): void {
    this.#mechanisms = [...this.#identity.mechanisms(this.#offeredMechanisms())];
    const lists = this.#capabilities.requests(this.#mechanisms.length > 0);
    this.#awaited = lists.length;
    for (const list of lists) this.#send({ command: 'CAP', params: ['REQ', list] });
    if (lists.length === 0) this.#logIn();
  }

  #offeredMechanisms(): string[] | undefined {
    if (!this.#capabilities.isOffered('sasl')) return [];
    const value = this.#capabilities.valueOf('sasl');
    return value === '' ? undefined : value.split(',');
  }

  #logIn(): void {
    const [mechanism] = this.#mechanisms;
    if (mechanism && this.#capabilities.has('sasl')) this.#send({ command: 'AUTHENTICATE', params: [mechanism.name] });
    else if (this.#identity.anonymous) this.#send({ command: 'CAP', params: ['END'] });
    else this.#refuse('it offers no way to log in that these credentials can use (SASL)', 'KOSMOS_ERR_SERVER_LOGIN');
  }

  #receiveChallenge(chunk: string): void {
    if (chunk !== '+') this.#challenge += chunk;
    if (this.#challenge.length > LONGEST_CHALLENGE) return this.#refuse('its challenge is too long', 'KOSMOS_ERR_SERVER_LOGIN');
    if (chunk.length === 400) return;
    const challenge = Buffer.from(this.#challenge, 'base64');
    this.#challenge = '';
    this.#mechanisms[0]?.respond(challenge).then(
      (response) => {
        for (const text of authenticateChunks(response)) this.#send({ command: 'AUTHENTICATE', params: [text] });
      },
      (error: unknown) => this.#refuse((error as Error).message, 'KOSMOS_ERR_SERVER_LOGIN'),
    );
  }

  #nextMechanism(reason: string): void {
    this.#mechanisms.shift();
    this.#challenge = '';
    const [next] = this.#mechanisms;
    if (next) this.#send({ command: 'AUTHENTICATE', params: [next.name] });
    else this.#refuse(reason, 'KOSMOS_ERR_SERVER_LOGIN');
  }

  #otherNick(reason: string): void {
    if (this.#welcomed) return;
    this.#nicksTried += 1;
    if (this.#nicksTried > MOST_NICKS) return this.#refuse(reason);
    this.#nick = `${this.#nick}_`;
    this.#send({ command: 'NICK', params: [this.#nick] });
  }

  #refuse(reason: string, code: 'KOSMOS_ERR_SERVER_LOGIN' | 'KOSMOS_ERR_SERVER_REFUSED' = 'KOSMOS_ERR_SERVER_REFUSED'): void {
    this.#settle.reject(new KosmosError(code, { server: this.#server, reason }));
  }
}
