import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Database } from '../database/database.ts';
import { findSetting, storeSetting } from '../database/settings.ts';
import { BucketBlobs } from './s3/bucket-blobs.ts';
import { Bucket } from './s3/bucket.ts';
import { readBucketKeys } from './s3/keys.ts';
import { MovingBlobs } from './s3/moving-blobs.ts';
import type { BlobStore } from './store/blobs.ts';
import { FolderBlobs } from './store/folder-blobs.ts';
import { sweepBlobs } from './store/sweep.ts';

export interface OpenBlobs {
  readonly blobs: BlobStore;
  /** Once requests are answered: removes what no document names, and moves into the bucket what was in the folder before there was one. */
  tidy(startedAt: number, logger: Logger, signal: AbortSignal): Promise<void>;
}

/** The folder of the data tree, or the bucket that the settings name, tried out. Throws KOSMOS_ERR_S3_…. */
export async function openBlobs(settings: Settings, database: Database): Promise<OpenBlobs> {
  const folder = new FolderBlobs(path.join(settings.dataFolder, 'storage'));
  if (!settings.s3) return { blobs: folder, tidy: (...tidying) => sweep(database, folder, ...tidying) };
  const bucket = new Bucket(settings.s3, readBucketKeys(settings.dataFolder));
  const name = await ensureFolderName(database);
  await bucket.check(name);
  const spoolFolder = path.join(settings.dataFolder, 'run');
  await mkdir(spoolFolder, { recursive: true, mode: 0o700 });
  const blobs = new MovingBlobs(new BucketBlobs(bucket, name, spoolFolder), folder);
  return {
    blobs,
    tidy: async (startedAt, logger, signal) => {
      await sweep(database, blobs, startedAt, logger, signal);
      await move(blobs, startedAt, logger, signal);
    },
  };
}

/** One that no other appliance has: many may share a bucket, and each sweeps what none of its own documents names. */
async function ensureFolderName(database: Database): Promise<string> {
  const known = await findSetting(database, 'storageFolder');
  if (known) return known;
  const name = randomUUID();
  await storeSetting(database, 'storageFolder', name);
  return name;
}

async function sweep(database: Database, blobs: BlobStore, startedAt: number, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    logger.info({ removed: await sweepBlobs(database, blobs, startedAt, signal) }, 'contents without a document removed');
  } catch (error) {
    logger.error({ err: error }, 'contents without a document could not be removed');
  }
}

async function move(blobs: MovingBlobs, startedAt: number, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    const moved = await blobs.move(startedAt, signal);
    if (moved > 0) logger.info({ moved }, 'contents moved from the data folder into the bucket');
  } catch (error) {
    logger.error({ err: error }, 'contents could not be moved into the bucket; the next start goes on with it');
  }
}
