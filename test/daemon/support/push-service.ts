import { createDecipheriv, createECDH, createHmac, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders;
  readonly payload: Record<string, unknown>;
  /** Claims of the VAPID token, whose signature was checked. */
  readonly claims: { aud: string; sub: string; exp: number };
}

/** A push service (RFC 8030) that can read what it gets, because it made the browser's keys too. */
export class FakePushService {
  readonly received: ReceivedPush[] = [];
  /** Answers to the next requests; 201 when there are none left. */
  readonly answers: { status: number; headers?: Record<string, string> }[] = [];
  readonly #server: http.Server;
  readonly #browsers = new Map<string, { curve: ECDH; auth: Buffer }>();

  static async start(): Promise<FakePushService> {
    const service = new FakePushService();
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  private constructor() {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const browser = this.#browsers.get(request.url ?? '');
        const answer = this.answers.shift() ?? { status: browser ? 201 : 404 };
        if (browser && answer.status === 201) {
          const payload = JSON.parse(decrypt(Buffer.concat(chunks), browser.curve, browser.auth)) as Record<string, unknown>;
          this.received.push({ headers: request.headers, payload, claims: readVapid(request.headers.authorization ?? '') });
        }
        response.writeHead(answer.status, answer.headers).end();
      });
    });
  }

  subscribe(name: string) {
    const curve = createECDH('prime256v1');
    const p256dh = curve.generateKeys('base64url');
    const auth = randomBytes(16);
    this.#browsers.set(`/${name}`, { curve, auth });
    return { endpoint: this.endpointOf(name), keys: { p256dh, auth: auth.toString('base64url') } };
  }

  endpointOf(name: string): string {
    return `http://push.test:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest();
const hkdf = (ikm: Buffer, salt: Buffer, info: string, length: number): Buffer => Buffer.from(hkdfSync('sha256', ikm, salt, info, length));

/** RFC 8291, 3.4 and RFC 8188, 2.1, in the receiver's place. */
function decrypt(body: Buffer, curve: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender, Buffer.from([1])]);
  const ikm = hmac(hmac(auth, curve.computeSecret(sender)), info);
  const key = hkdf(ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = hkdf(ikm, salt, 'Content-Encoding: nonce\0', 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8');
}

/** RFC 8292: `vapid t=<token>, k=<key>`. */
function readVapid(authorization: string): ReceivedPush['claims'] {
  const [, token = '', key = ''] = /^vapid t=(\S+), ?k=(\S+)$/.exec(authorization) ?? [];
  const [header = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
  const publicKey = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
  const isSigned = verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
  if (!isSigned) throw new Error('the VAPID token is not signed by its key');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as ReceivedPush['claims'];
}
