import { spawn, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { House } from '../gateway/support/house.ts';
import { inParallel, memoryOf, pause, percentile, processorTimeOf, rounded } from './measures.ts';
import { gatewayTalker, rawTalker, type Talker } from './talkers.ts';

/** `npm run bench:gateway -- --seconds 5 --idle 1000`: the gateway beside bare IRC clients, on one Ergo, in one run. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '4' }, idle: { type: 'string', default: '1000' } } });
const seconds = Number(values.seconds);
const idle = Number(values.idle);
const RATE = 20;

type Make = (name: string, room: string) => Promise<Talker>;

async function launch(house: House): Promise<ChildProcess> {
  const { settings } = house;
  const env = {
    ...process.env,
    ...{ KOSMOS_DATA: settings.dataFolder, KOSMOS_LOG_LEVEL: 'error', KOSMOS_PORT: String(settings.port) },
    ...{ KOSMOS_IRC_PORT: String(house.ergo.port), KOSMOS_IRCS_PORT: String(settings.ircsPort) },
    ...{ KOSMOS_XMPP_PORT: String(settings.xmppPort), KOSMOS_INTERNAL_PORT: String(settings.internalPort) },
  };
  const args = ['--import', 'tsx', 'test/bench/gateway-process.ts'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  for (let attempt = 0; attempt < 600; attempt += 1) {
    try {
      await house.health();
      return child;
    } catch {
      await pause(50);
    }
  }
  throw new Error('the gateway does not answer');
}

/** Delivery: one says 20 messages a second, all others note when each arrives. */
async function deliver(talkers: readonly Talker[]): Promise<string> {
  const delays: number[] = [];
  for (const talker of talkers.slice(1)) talker.onText((content) => delays.push(performance.now() - Number(content)));
  const said: Promise<void>[] = [];
  for (let message = 0; message < RATE * seconds; message += 1) {
    said.push(talkers[0]!.say(String(performance.now())));
    await pause(1000 / RATE);
  }
  await Promise.all(said);
  await pause(200);
  const expected = RATE * seconds * (talkers.length - 1);
  const lost = expected - delays.length;
  return `p50 ${rounded(percentile(delays, 0.5))} ms, p99 ${rounded(percentile(delays, 0.99))} ms${lost === 0 ? '' : `, ${lost} LOST`}`;
}

/** Throughput: one says as much as is confirmed, with so many unconfirmed at once. */
async function rush(talker: Talker, unconfirmed: number, pid?: number): Promise<string> {
  let confirmed = 0;
  const before = pid === undefined ? 0 : processorTimeOf(pid);
  const end = performance.now() + (seconds * 1000) / 2;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      await talker.say('a message of ordinary length, as people write them');
      confirmed += 1;
    }
  };
  await Promise.all(Array.from({ length: unconfirmed }, loop));
  const each = pid === undefined ? '' : ` (${rounded((processorTimeOf(pid) - before) / confirmed)} ms of processor each)`;
  return `${Math.round(confirmed / (seconds / 2))} msg/s${each}`;
}

async function compare(kind: string, members: number, make: Make, pid?: number): Promise<void> {
  const room = `#${kind}${members}`;
  const memory = (): number => (pid === undefined ? Number.NaN : memoryOf(pid));
  const before = memory();
  const talkers = await inParallel(
    Array.from({ length: members }, (_, index) => `${kind}${members}x${index}`),
    20,
    (name) => make(name, room),
  );
  await pause(500);
  const each = (memory() - before) / members;
  const delivery = await deliver(talkers);
  const rates =
    members > 10 ? '' : `; 1 unconfirmed ${await rush(talkers[0]!, 1, pid)}, 50 unconfirmed ${await rush(talkers[0]!, 50, pid)}`;
  const size = Number.isNaN(each) ? '' : `; ${rounded(each, 3)} MB per member`;
  process.stdout.write(`${kind.padEnd(8)} ${String(members).padStart(4)} in one channel: ${delivery}${rates}${size}\n`);
  for (const talker of talkers) talker.leave();
  await pause(300);
}

const house = await House.open();
await house.gateway.close();
const child = await launch(house);
const pid = child.pid ?? 0;
process.stdout.write(`gateway, nobody connected: ${rounded(memoryOf(pid), 1)} MB PSS (with the TypeScript loader)\n`);
const raw: Make = (name, room) => rawTalker(house.ergo.port, name, room);
const through: Make = (name, room) => gatewayTalker(house, name, room);
// The first members warm up the compiler and pay for what all share.
await compare('warm', 10, through, pid);
for (const members of [10, 100]) {
  await compare('irc', members, raw);
  await compare('gateway', members, through, pid);
}
const before = memoryOf(pid);
const started = performance.now();
await inParallel(
  Array.from({ length: idle }, (_, index) => index),
  25,
  (index) => gatewayTalker(house, `idle${index}`, `#idle${Math.floor(index / 50)}`),
);
await pause(2_000);
const took = (performance.now() - started) / 1000;
const each = (memoryOf(pid) - before) / idle;
process.stdout.write(
  `gateway ${String(idle).padStart(5)} idle, 50 to a channel: ${rounded(each, 3)} MB per member, connected in ${rounded(took, 1)} s\n`,
);
child.kill('SIGTERM');
await house.close();
process.exit(0);
