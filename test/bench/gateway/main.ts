import { parseArgs } from 'node:util';
import os from 'node:os';
import { describe, measure, ratios } from './compare.ts';
import { inParallel, memoryOf, pause, rounded } from './measures.ts';
import { openPlace, type Place } from './place.ts';
import { soak } from './soak.ts';
import { bareIrc, bareXmpp, throughIrc, throughXmpp, type Make } from './talkers.ts';

/**
 * `npm run bench:gateway`: the gateway beside bare IRC and XMPP clients, on one Ergo and one Prosody, in one run.
 * `-- --short` takes less than two minutes; `-- --only irc|xmpp|idle`; `-- soak [minutes]` watches the heap of a busy gateway.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' }, seconds: { type: 'string' }, idle: { type: 'string' } },
});
const seconds = Number(values.seconds ?? (values.short ? 2 : 6));
const idle = Number(values.idle ?? (values.short ? 200 : 1_000));
const sizes = [10, 100];

const namesOf = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${prefix}x${index}`);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function compare(place: Place, kind: 'irc' | 'xmpp', through: Make, bare: Make): Promise<void> {
  const run = async (way: Make, what: string, members: number): ReturnType<typeof measure> => {
    const channel = `${kind}-${what}-${members}`;
    const names = namesOf(`${kind}${what}${members}`, members);
    if (kind === 'xmpp') await place.provide([channel], names);
    return measure(place, way, kind, channel, names, seconds);
  };
  // The first members warm up the compiler and pay for what all share.
  await run(through, 'warm', 10);
  for (const members of sizes) {
    const floor = await run(bare, 'bare', members);
    say(describe(`bare ${kind}`, members, floor, false));
    const gateway = await run(through, 'gateway', members);
    say(describe(`gateway ${kind}`, members, gateway, true));
    say(ratios(members, gateway, floor));
  }
}

async function idleMembers(place: Place): Promise<void> {
  const before = memoryOf(place.pids.gateway);
  const started = performance.now();
  const names = namesOf('idle', idle);
  await inParallel([...names.entries()], 25, ([index, name]) => throughIrc(place, name, `idle${Math.floor(index / 50)}`));
  await pause(2_000);
  const took = (performance.now() - started) / 1000;
  const each = (memoryOf(place.pids.gateway) - before) / idle;
  say(`gateway irc     ${idle} idle, 50 to a channel: ${rounded(each, 3)} MB per member, connected in ${rounded(took, 1)} s`);
}

const place = await openPlace();
try {
  say(
    `${os.cpus().length} cores, load ${os
      .loadavg()
      .map((load) => rounded(load, 1))
      .join(' ')}; clients, gateway and servers share them`,
  );
  if (positionals[0] === 'soak') await soak(place, Number(positionals[1] ?? 10));
  else {
    say(`gateway, nobody connected: ${rounded(memoryOf(place.pids.gateway), 1)} MB PSS (with the TypeScript loader)`);
    if (values.only === undefined || values.only === 'irc') await compare(place, 'irc', throughIrc, bareIrc);
    if (values.only === undefined || values.only === 'xmpp') await compare(place, 'xmpp', throughXmpp, bareXmpp);
    if (values.only === undefined || values.only === 'idle') await idleMembers(place);
  }
} finally {
  await place.close();
}
process.exit(process.exitCode ?? 0);
