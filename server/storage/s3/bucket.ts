import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { isKosmosError, KosmosError, messageOf } from '../../foundation/errors.ts';
import type { BucketAddress } from '../../foundation/settings.ts';
import type { ByteRange } from '../ranges.ts';
import { Exchange, type Ask, type Payload } from './exchange.ts';
import type { BucketKeys } from './keys.ts';

type Failure = 'KOSMOS_ERR_S3_UNREACHABLE' | 'KOSMOS_ERR_S3_REFUSED' | 'KOSMOS_ERR_S3_NO_BUCKET';

/** Waits before each further try, in milliseconds: whatever is asked of a bucket here may be asked again. */
const PAUSES = [200, 1_000];
/** Bytes of an error's XML, or of a list of 1,000 keys, that are read at most. */
const LARGEST_ANSWER = 2 * 1024 * 1024;

/**
 * What documents need of https://docs.aws.amazon.com/AmazonS3/latest/API, by addresses of the form `endpoint/bucket/key`, which every
 * implementation knows. All methods throw the three KOSMOS_ERR_S3_….
 */
export class Bucket {
  readonly #name: string;
  readonly #exchange: Exchange;

  constructor(address: BucketAddress, keys: BucketKeys) {
    this.#name = address.url;
    this.#exchange = new Exchange(address, keys);
  }

  /** Durable, and seen by everybody, once this resolves. */
  async put(key: string, payload: Payload): Promise<void> {
    await readAnswer(await this.#ask({ method: 'PUT', key, payload }));
  }

  /** Both ends of `range` included. Undefined if there is no such key. */
  async get(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const answer = await this.#ask({ method: 'GET', key, range });
    if (answer.statusCode !== 404) return answer;
    answer.resume();
    return undefined;
  }

  /** Idempotent. */
  async remove(key: string): Promise<void> {
    await readAnswer(await this.#ask({ method: 'DELETE', key }));
  }

  /** Keys that begin with `prefix` and follow `after`, in order, at most `limit` of 1,000. They must need no escaping in XML. */
  async list(prefix: string, after: string, limit: number): Promise<string[]> {
    const query = { 'list-type': '2', prefix, 'start-after': after, 'max-keys': String(limit) };
    const answer = await readAnswer(await this.#ask({ method: 'GET', query }));
    return [...answer.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key as string);
  }

  /** Tries, where no document is, all that documents need. */
  async check(folder: string): Promise<void> {
    const probe = randomBytes(16).toString('hex');
    const key = `${folder}/probe-${probe}`;
    const sha256 = createHash('sha256').update(probe).digest('hex');
    await this.list(`${folder}/`, '', 1);
    await this.put(key, { length: probe.length, sha256, read: () => Readable.from([probe], { objectMode: false }) });
    const part = await this.get(key, { start: 4, end: 11 });
    const read = part && (await readAnswer(part));
    await this.remove(key);
    if (read !== probe.slice(4, 12)) throw this.#failure('KOSMOS_ERR_S3_REFUSED', 'it does not give back the part that it is asked for');
  }

  async #ask(ask: Ask): Promise<IncomingMessage> {
    for (const pause of PAUSES) {
      try {
        return await this.#askOnce(ask);
      } catch (error) {
        if (!isKosmosError(error, 'KOSMOS_ERR_S3_UNREACHABLE')) throw error;
        await wait(pause);
      }
    }
    return this.#askOnce(ask);
  }

  /** Also an answer of 404 for a key that is not there. */
  async #askOnce(ask: Ask): Promise<IncomingMessage> {
    const answer = await this.#exchange.send(ask).catch((error: unknown) => {
      throw this.#failure('KOSMOS_ERR_S3_UNREACHABLE', messageOf(error), error);
    });
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return answer;
    const reason = reasonOf(status, await readAnswer(answer).catch(() => ''));
    if (reason.startsWith('NoSuchBucket')) throw this.#failure('KOSMOS_ERR_S3_NO_BUCKET', reason);
    if (status === 404) return answer;
    throw this.#failure(status >= 500 || status === 429 ? 'KOSMOS_ERR_S3_UNREACHABLE' : 'KOSMOS_ERR_S3_REFUSED', reason);
  }

  #failure(code: Failure, reason: string, cause?: unknown): KosmosError {
    return new KosmosError(code, { bucket: this.#name, reason }, { cause });
  }
}

/** An error's code and sentence, or the status where there are none. */
function reasonOf(status: number, xml: string): string {
  const code = /<Code>([\w.]+)<\/Code>/.exec(xml)?.[1];
  const message = /<Message>([^<]{1,300})<\/Message>/.exec(xml)?.[1];
  return code ? [code, message?.replace(/\.$/, '')].filter(Boolean).join(', ') : `it answers with ${status}`;
}

async function readAnswer(answer: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_ANSWER) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
