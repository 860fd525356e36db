import http from 'node:http';
import path from 'node:path';
import { KosmosError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import { listen, runProgram, type Program } from '../foundation/program.ts';
import { loadSecret } from '../foundation/secrets.ts';
import type { Settings } from '../foundation/settings.ts';
import { describeAddress, topologyOf, type Topology } from '../foundation/topology.ts';
import { dialectOf, openDatabase, type Database } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { migrate } from '../database/migrate.ts';
import { migrations } from '../database/migrations/all.ts';
import { ensureBot } from '../identity/accounts.ts';
import { BOT_NAME } from '../identity/names.ts';
import { componentsOf } from '../components/all.ts';
import { DockerDriver } from '../supervisor/drivers/docker.ts';
import { ProcessDriver } from '../supervisor/drivers/process.ts';
import { endLeftovers, findRunning, prepareRunFolder, removePidFile, writePidFile } from '../supervisor/pid-files.ts';
import { buildApp, buildInternalApp } from './app.ts';
import { watchCertificate } from './certificate-watch.ts';
import { createControlLogger } from './console.ts';
import { RunningHouse } from './house.ts';
import { startHousekeeping } from './housekeeping.ts';
import { makeServices, startServices } from './make-services.ts';
import { followNewcomers } from './newcomers-storage.ts';
import { checkPorts } from './ports.ts';
import { listenForShell } from './shell.ts';
import { VERSION, type Services } from './services.ts';

const NAME = 'control';
const webFolder = path.join(import.meta.dirname, '../../../web/dist');

await runProgram(NAME, main, createControlLogger);

async function main({ settings, logger, stopping }: Program): Promise<() => Promise<void>> {
  const began = performance.now();
  const topology = topologyOf(settings);
  await claimDataFolder(settings, topology, logger);
  const database = openDatabase(settings);
  const services = await prepare(settings, topology, database, logger);
  const internal = await listenInside(services);
  const app = await buildApp(services, webFolder);
  await app.listen({ host: settings.host, port: settings.port });
  internal.push(await listenForShell(app, topology));

  const endWatch = settings.edge ? watchCertificate(services.house, logger) : () => undefined;
  const endServices = startServices(services);
  const endHousekeeping = startHousekeeping(services);
  const endNewcomers = await followNewcomers(services);
  const close = async (): Promise<void> => {
    endHousekeeping();
    endNewcomers();
    endServices();
    endWatch();
    await services.house.stop();
    await app.close();
    for (const server of internal) server.closeAllConnections();
    await database.destroy();
    removePidFile(topology.runFolder, NAME);
    logger.info('stopped');
  };
  await Promise.race([services.house.start(), new Promise((resolve) => stopping.addEventListener('abort', resolve))]);
  if (!stopping.aborted) announce(services, performance.now() - began);
  return close;
}

/** One control per data folder. What an earlier one left behind is ended first. Throws KOSMOS_ERR_ALREADY_RUNNING. */
async function claimDataFolder(settings: Settings, { runFolder }: Topology, logger: Logger): Promise<void> {
  prepareRunFolder(runFolder);
  const running = findRunning(runFolder, NAME);
  if (running) throw new KosmosError('KOSMOS_ERR_ALREADY_RUNNING', { folder: settings.dataFolder, pid: running.pid });
  writePidFile(runFolder, NAME, process.pid);
  const ended = await endLeftovers(runFolder, NAME);
  if (ended.length > 0) logger.warn(`ended what an earlier start left behind: ${ended.join(', ')}`);
  // In containers the ports are the engine's business.
  if (settings.driver === 'process') await checkPorts(settings);
}

async function prepare(
  settings: Settings,
  topology: Topology,
  database: Database,
  logger: Logger,
): Promise<Services & { house: RunningHouse }> {
  const taken = await migrate(database, dialectOf(settings), migrations);
  if (taken.length > 0) logger.info(`database brought up to ${taken.at(-1)}`);
  const outbox = new Outbox(database, dialectOf(settings));
  await outbox.change((change) => ensureBot(change, BOT_NAME));
  const driver = settings.driver === 'docker' ? new DockerDriver(topology.dockerProxy.socketPath) : new ProcessDriver(topology.runFolder);
  const house = await RunningHouse.open({ settings, topology, outbox, logger, driver, components: componentsOf(settings) });
  return makeServices({ settings, topology, logger, outbox, house });
}

/** The internal API: for our own programs on a Unix socket and for Prosody on loopback; between containers one port is for all. */
async function listenInside(services: Services): Promise<http.Server[]> {
  const app = buildInternalApp(services);
  await app.ready();
  const { control, controlForProsody } = services.topology;
  const addresses = describeAddress(control) === describeAddress(controlForProsody) ? [control] : [control, controlForProsody];
  const servers = addresses.map((address) => ({ address, server: http.createServer(app.routing) }));
  for (const { server, address } of servers) await listen(server, address);
  return servers.map(({ server }) => server);
}

function announce({ settings, logger, house }: Services & { house: RunningHouse }, milliseconds: number): void {
  const failed = house.supervisor.components.filter(({ state }) => state !== 'ready').map(({ component }) => component.name);
  const seconds = (milliseconds / 1000).toFixed(1);
  if (failed.length > 0) logger.warn(`Kosmos Chat ${VERSION} is up after ${seconds} s, but not ready: ${failed.join(', ')}`);
  else logger.info(`Kosmos Chat ${VERSION} is up after ${seconds} s`);
  const address = homeAddress(settings, house.domain);
  const link = house.isSetUp ? `${address}/` : `${address}/setup?token=${loadSecret(settings.dataFolder, 'setup')}`;
  process.stdout.write(`\n  ${house.isSetUp ? 'Open' : 'Set it up at'}  ${link}\n\n`);
}

/** Where a browser finds the appliance. */
function homeAddress({ edge, host, port }: Settings, domain: string): string {
  if (!edge) return `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`;
  return `https://${domain}${edge.httpsPort === 443 ? '' : `:${edge.httpsPort}`}`;
}
