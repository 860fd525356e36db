import { isKosmosError } from '../foundation/errors.ts';
import { findSetting } from '../database/settings.ts';
import { findAccount } from '../identity/accounts.ts';
import { keepStorageElsewhere } from '../identity/storage-elsewhere.ts';
import { findStorageOf } from './externals.ts';
import type { Services } from './services.ts';

type Parts = Pick<Services, 'outbox' | 'database' | 'logger'>;

/** Gives each new account its storage elsewhere, where an admin chose so. Returns how to end it. */
export async function followNewcomers(parts: Parts): Promise<() => void> {
  const { outbox, logger } = parts;
  let cursor = await outbox.findLatest();
  let work = Promise.resolve();
  const readOn = async (): Promise<void> => {
    for (let events = await outbox.findAfter(cursor); events.length > 0; events = await outbox.findAfter(cursor)) {
      for (const event of events) {
        cursor = event.id;
        if (event.type === 'account-created') await settle(parts, event.name);
      }
    }
  };
  return outbox.onCommit(() => {
    work = work.then(readOn).catch((error: unknown) => logger.error({ err: error }, 'the storage of a new account could not be settled'));
  });
}

/** Whose storage is not found there has it here, and may still choose. */
async function settle({ database, logger }: Parts, name: string): Promise<void> {
  const place = await findSetting(database, 'newStorage');
  const account = place && (await findAccount(database, name));
  if (!place || !account || account.isBot) return;
  try {
    await keepStorageElsewhere(database, account, await findStorageOf(name, place));
  } catch (error) {
    if (!isKosmosError(error)) throw error;
    logger.warn({ account: name, reason: error.message }, 'a new account has its storage here, not where an admin chose');
  }
}
