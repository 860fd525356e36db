import { inParallel, memoryOf, pause, percentile, processorTimeOf, rounded } from './measures.ts';
import type { Place } from './place.ts';
import type { Make, Talker } from './talkers.ts';

const RATE = 20;
const LONGEST_LATE = 30_000;

export interface Result {
  readonly p50: number;
  readonly p99: number;
  /** Messages a second with so many unconfirmed at once. */
  readonly with1?: number;
  readonly with50?: number;
  /** Processor time of one message to all, in milliseconds, with 50 unconfirmed: the gateway's and the server's. */
  readonly cost?: number;
  readonly serverCost?: number;
  readonly memory?: number;
}

/** One way to talk, measured with so many people in one channel. */
export async function measure(
  place: Place,
  make: Make,
  kind: 'irc' | 'xmpp',
  channel: string,
  names: readonly string[],
  seconds: number,
): Promise<Result> {
  const before = memoryOf(place.pids.gateway);
  const talkers = await inParallel(names, 10, (name) => make(place, name, channel));
  await pause(500);
  const memory = (memoryOf(place.pids.gateway) - before) / names.length;
  const delivery = await deliver(talkers, seconds);
  const rates = names.length > 10 ? {} : await rushes(place.pids.gateway, place.pids[kind], talkers[0] as Talker, seconds / 2);
  for (const talker of talkers) talker.leave();
  await pause(300);
  return { ...delivery, ...rates, memory };
}

/** Delivery: one says 20 messages a second, all others note when each arrives. */
async function deliver(talkers: readonly Talker[], seconds: number): Promise<{ p50: number; p99: number }> {
  const delays: number[] = [];
  for (const talker of talkers.slice(1)) talker.onText((content) => delays.push(performance.now() - Number(content)));
  const said: Promise<unknown>[] = [];
  for (let message = 0; message < RATE * seconds; message += 1) {
    said.push((talkers[0] as Talker).say(String(performance.now())));
    await pause(1000 / RATE);
  }
  await Promise.all(said);
  const expected = RATE * seconds * (talkers.length - 1);
  for (const end = performance.now() + LONGEST_LATE; delays.length < expected && performance.now() < end;) await pause(50);
  const lost = expected - delays.length;
  if (lost !== 0) throw new Error(`${lost} messages were lost`);
  for (const talker of talkers) talker.onText(() => undefined);
  return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
}

async function rushes(
  gateway: number,
  server: number,
  talker: Talker,
  seconds: number,
): Promise<Pick<Result, 'with1' | 'with50' | 'cost' | 'serverCost'>> {
  const with1 = await rush(talker, 1, seconds);
  const before = [processorTimeOf(gateway), processorTimeOf(server)] as const;
  const with50 = await rush(talker, 50, seconds);
  const messages = with50 * seconds;
  const cost = (processorTimeOf(gateway) - before[0]) / messages;
  return { with1, with50, cost, serverCost: (processorTimeOf(server) - before[1]) / messages };
}

/** Throughput: one says as much as is confirmed, with so many unconfirmed at once. */
async function rush(talker: Talker, unconfirmed: number, seconds: number): Promise<number> {
  let confirmed = 0;
  const end = performance.now() + seconds * 1000;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      await talker.say('a message of ordinary length, as people write them');
      confirmed += 1;
    }
  };
  await Promise.all(Array.from({ length: unconfirmed }, loop));
  return confirmed / seconds;
}

export function describe(what: string, members: number, result: Result, isGateway: boolean): string {
  const { p50, p99, with1 = 0, with50 = 0, cost, serverCost, memory = 0 } = result;
  const parts = [`${what.padEnd(12)} ${String(members).padStart(4)} in one channel: p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`];
  if (cost !== undefined) {
    parts.push(`1 unconfirmed ${Math.round(with1)} msg/s, 50 unconfirmed ${Math.round(with50)} msg/s`);
    const own = isGateway ? `, the gateway’s ${rounded(cost)} ms (${Math.round(1000 / cost)} msg/s on a core of its own)` : '';
    parts.push(`processor for each: the server’s ${rounded(serverCost ?? 0)} ms${own}`);
  }
  if (isGateway) parts.push(`${rounded(memory, 3)} MB per member`);
  return parts.join('; ');
}

export function ratios(members: number, gateway: Result, bare: Result): string {
  const share = (one?: number, other?: number): string => (one === undefined || other === undefined ? '' : rounded(one / other));
  const rates =
    gateway.with1 === undefined
      ? ''
      : `, throughput × ${share(gateway.with1, bare.with1)} (1), × ${share(gateway.with50, bare.with50)} (50)`;
  return `  gateway : bare ${String(members).padStart(4)}                p50 × ${share(gateway.p50, bare.p50)}, p99 × ${share(gateway.p99, bare.p99)}${rates}`;
}
