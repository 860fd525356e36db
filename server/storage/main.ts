import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ControlClient } from '../foundation/control-client.ts';
import type { ApplianceEvent } from '../foundation/events.ts';
import { healthListener, listen, runProgram, type Program } from '../foundation/program.ts';
import { loadKey } from '../foundation/secrets.ts';
import { topologyOf } from '../foundation/topology.ts';
import { dialectOf, openDatabase, type Database } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { findHomeDomain } from '../database/settings.ts';
import { revokeGrants, revokeGrantsOfDisabled } from '../identity/storage-grants.ts';
import { createStorageListener } from './app.ts';
import { openBlobs } from './open-blobs.ts';
import { Running } from './running.ts';
import { Documents } from './store/documents.ts';
import { durabilityOf } from './store/durability.ts';

/** Transfers in progress may end before the database closes; those that take longer are cut. */
const LONGEST_GOODBYE = 2_500;
/** A large document over a phone's connection; and how long neither side may say anything. */
const LONGEST_UPLOAD = 15 * 60_000;
const LONGEST_SILENCE = 2 * 60_000;

await runProgram('storage', async ({ settings, logger, stopping }) => {
  const startedAt = Date.now();
  const database = openDatabase(settings);
  const { blobs, tidy } = await openBlobs(settings, database);
  const control = new ControlClient(settings);
  const running = new Running();
  const listener = createStorageListener({
    ...{ database, control, running, logger, documents: new Documents(database, blobs, durabilityOf(settings)) },
    ...{ key: loadKey(settings.dataFolder, 'encryption'), findDomain: () => findHomeDomain(settings, database) },
  });
  const server = http.createServer(healthListener(() => ({}), listener));
  server.requestTimeout = LONGEST_UPLOAD;
  server.setTimeout(LONGEST_SILENCE);
  // Who waits to be asked for the body shall hear a refusal instead.
  server.on('checkContinue', listener);
  const following = followAccounts({ settings, logger, stopping }, database, control, running);
  const tidying = tidy(startedAt, logger, stopping);
  await listen(server, topologyOf(settings).storage);
  return async () => {
    server.close();
    server.closeIdleConnections();
    await Promise.race([once(server, 'close'), wait(LONGEST_GOODBYE)]);
    await Promise.all([following, tidying]);
    await database.destroy();
  };
});

/**
 * A disabled account's tokens are refused by the query that looks them up; the event ends what is being transferred, and the grants, so
 * that they do not come back with the account.
 */
async function followAccounts(
  { logger, stopping, settings }: Program,
  database: Database,
  control: ControlClient,
  running: Running,
): Promise<void> {
  const latest = await new Outbox(database, dialectOf(settings)).findLatest();
  await revokeGrantsOfDisabled(database);
  const handle = async (event: ApplianceEvent): Promise<void> => {
    if (event.type !== 'account-disabled') return;
    await revokeGrants(database, { id: event.account });
    running.end(event.account);
  };
  await control.follow(latest, handle, stopping, logger);
}
