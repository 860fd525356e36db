import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { KosmosError, messageOf } from '../../foundation/errors.ts';

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `data/secrets/s3`: the id of the key and its secret, a line each. The admin writes it; whatever mode it had, it gets 0600. */
export function readBucketKeys(dataFolder: string): BucketKeys {
  const file = path.join(dataFolder, 'secrets', 's3');
  try {
    chmodSync(file, 0o600);
    const [accessKeyId, secretAccessKey, ...more] = readFileSync(file, 'utf8').trim().split(/\s+/);
    if (!accessKeyId || !secretAccessKey || more.length > 0) throw new Error('it does not have two lines');
    return { accessKeyId, secretAccessKey };
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_S3_KEYS', { reason: messageOf(error) }, { cause: error });
  }
}
