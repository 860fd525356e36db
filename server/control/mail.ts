import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';
import { within } from '../foundation/deadline.ts';
import { KosmosError, messageOf } from '../foundation/errors.ts';

/** Where mail goes out. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` before anything is said of us, or `none`: for a relay on this machine. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export const hopNames = ['dns', 'connect', 'tls', 'greeting', 'auth', 'envelope', 'data'] as const;
export type HopName = (typeof hopNames)[number];

/** What one step of sending a mail came to. */
export interface Hop {
  readonly hop: HopName;
  readonly ok: boolean;
  /** There was nothing to do: no TLS, or nobody to log in as. */
  readonly skipped: boolean;
  readonly milliseconds: number;
  /** What was found or answered. */
  readonly answer: string;
}

const LIMIT = 8_000;
const LONGEST_ANSWER = 300;

/** Sends a mail, hop by hop. The last hop told of is the one that failed, if any did; nothing is thrown. */
export async function sendByHops(server: MailServer, mail: Mail): Promise<Hop[]> {
  const hops: Hop[] = [];
  const delivery = new Delivery(server, mail);
  try {
    for (const name of hopNames) {
      const began = performance.now();
      const outcome = await answered(LIMIT, delivery[name]()).catch((error: unknown) => ({ failed: answerOf(error) }));
      const milliseconds = Math.round(performance.now() - began);
      const ok = typeof outcome !== 'object';
      const answer = (ok ? (outcome ?? '') : outcome.failed).slice(0, LONGEST_ANSWER);
      hops.push({ hop: name, ok, skipped: outcome === undefined, milliseconds, answer });
      if (!ok) break;
    }
    return hops;
  } finally {
    delivery.close();
  }
}

/** Throws KOSMOS_ERR_MAIL with the hop that failed and why. */
export async function sendMail(server: MailServer, mail: Mail): Promise<void> {
  const failed = (await sendByHops(server, mail)).find(({ ok }) => !ok);
  if (failed) throw new KosmosError('KOSMOS_ERR_MAIL', { hop: failed.hop, reason: failed.answer });
}

/** One method per hop, each of which gives what was answered, or undefined where there was nothing to do. */
class Delivery implements Record<HopName, () => Promise<string | undefined>> {
  readonly #server: MailServer;
  readonly #mail: Mail;
  #address = '';
  #socket: net.Socket | undefined;
  #smtp: SMTPConnection | undefined;
  #said: string[] = [];

  constructor(server: MailServer, mail: Mail) {
    this.#server = server;
    this.#mail = mail;
  }

  async dns(): Promise<string> {
    const { address } = await lookup(this.#server.host);
    this.#address = address;
    return `${this.#server.host} is ${address}`;
  }

  async connect(): Promise<string> {
    this.#socket = net.connect({ host: this.#address, port: this.#server.port });
    await settled(this.#socket, 'connect');
    return `connected to ${this.#address}:${this.#server.port}`;
  }

  async tls(): Promise<string | undefined> {
    const { host, security } = this.#server;
    if (security !== 'tls' || !this.#socket) return security === 'starttls' ? 'begins after the greeting (STARTTLS)' : undefined;
    const secure = tls.connect({ socket: this.#socket, servername: net.isIP(host) ? undefined : host });
    await settled(secure, 'secureConnect');
    this.#socket = secure;
    return `${secure.getProtocol() ?? 'TLS'}, certificate of ${secure.getPeerCertificate().subject.CN}`;
  }

  async greeting(): Promise<string> {
    const { default: Connection } = await import('nodemailer/lib/smtp-connection/index.js');
    const { host, security } = this.#server;
    const smtp = new Connection({
      ...{ host, connection: this.#socket, secured: security === 'tls', secure: false, name: 'kosmos' },
      ...{ requireTLS: security === 'starttls', ignoreTLS: security === 'none', greetingTimeout: LIMIT, socketTimeout: LIMIT },
      logger: { trace: () => undefined, debug: (entry: { tnx?: string }, text: string) => this.#note(entry, text) } as never,
      ...{ debug: true, transactionLog: true, tls: { servername: net.isIP(host) ? undefined : host } },
    });
    this.#smtp = smtp;
    await new Promise<void>((resolve, reject) => {
      smtp.on('error', reject);
      smtp.connect(() => resolve());
    });
    return `${this.#last()}${smtp.secure || security === 'tls' ? ' (secured)' : ''}`;
  }

  async auth(): Promise<string | undefined> {
    const { user, password: pass } = this.#server;
    if (user === null) return undefined;
    await this.#ask((smtp, done) => smtp.login({ credentials: { user, pass: pass ?? '' } } as never, done));
    return this.#last();
  }

  async envelope(): Promise<string> {
    const { from } = this.#server;
    const { to, subject, text } = this.#mail;
    const headers = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Date: ${new Date().toUTCString()}`];
    const body = `${headers.join('\r\n')}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}\r\n`;
    try {
      await this.#ask((smtp, done) => smtp.send({ from: bareAddress(from), to: [to] }, body, done));
    } catch (error) {
      if (!/DATA|message/i.test((error as { command?: string }).command ?? '')) throw error;
      this.#dataError = error as Error;
    }
    return this.#said.findLast((line) => /^250/.test(line)) ?? 'accepted';
  }

  #dataError: Error | undefined;

  async data(): Promise<string> {
    if (this.#dataError) throw this.#dataError;
    return Promise.resolve(this.#last());
  }

  close(): void {
    this.#smtp?.on('error', () => undefined);
    this.#smtp?.close();
    this.#socket?.on('error', () => undefined);
    this.#socket?.destroy();
  }

  #ask(work: (smtp: SMTPConnection, done: (error?: Error | null) => void) => void): Promise<void> {
    const smtp = this.#smtp as SMTPConnection;
    return new Promise((resolve, reject) => {
      smtp.on('error', reject);
      work(smtp, (error) => (error ? reject(error) : resolve()));
    });
  }

  #note({ tnx }: { tnx?: string }, text: string): void {
    if (tnx === 'server') this.#said.push(text.trim());
  }

  #last(): string {
    return this.#said.at(-1) ?? 'accepted';
  }
}

async function settled(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await Promise.race([once(socket, event), once(socket, 'error').then(([error]) => Promise.reject(error as Error))]);
}

function answered<T>(limit: number, work: Promise<T>): Promise<T> {
  return within(limit, work, () => {
    throw new Error(`no answer within ${limit / 1000} s`);
  });
}

/** What the server said, where it said something. */
function answerOf(error: unknown): string {
  const { response } = error as { response?: string };
  return response ?? messageOf(error);
}

/** Of `Team chat <chat@example.org>`. */
export function bareAddress(from: string): string {
  return /<([^>]+)>\s*$/.exec(from)?.[1] ?? from.trim();
}

/** A mail address as far as we need to know: one `@`, a domain, nothing that could end a header or a command. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s<>()[\]\\,;:@"\p{Cc}]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*$/iu.test(text);
}
