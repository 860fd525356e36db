import { heapOf, memoryOf, pause, rounded } from './measures.ts';
import type { Place } from './place.ts';
import { throughIrc, throughXmpp, type Make, type Talker } from './talkers.ts';

const TALKERS = 10;
const RATE = 20;
const SAMPLES = 20;
/** Growth of the heap, per minute, that counts as a leak. */
const MOST_GROWTH = 100 * 1024;

/** Talks, comes and goes for so many minutes on IRC and XMPP, and prints how the heap after a collection changes with time. */
export async function soak(place: Place, minutes: number): Promise<void> {
  const names = Array.from({ length: TALKERS }, (_, index) => `soak${index}`);
  await place.provide(['soak'], names);
  const end = Date.now() + minutes * 60_000;
  const busy = Promise.all([throughIrc, throughXmpp].map((make) => talk(place, make, names, end)));
  // What is made once (compiled code, buffers, caches that fill up) is no leak: the first tenth does not count.
  await pause(minutes * 6_000);
  const samples: { at: number; heap: number }[] = [];
  while (Date.now() < end - 500) {
    samples.push({ at: Date.now() / 60_000, heap: await heapOf(place.gateway) });
    await pause((minutes * 54_000) / SAMPLES);
  }
  const said = (await busy).reduce((sum, count) => sum + count, 0);
  const slope = slopeOf(samples);
  const [first, last] = [samples[0]?.heap ?? 0, samples.at(-1)?.heap ?? 0].map((heap) => rounded(heap / 1024 / 1024, 2));
  process.stdout.write(
    `soak ${minutes} min, ${said} messages to ${TALKERS} members, who come and go: heap ${first} MB at first, ${last} MB at last, ` +
      `slope ${rounded(slope / 1024, 1)} kB a minute; ${rounded(memoryOf(place.pids.gateway), 1)} MB PSS\n`,
  );
  if (slope > MOST_GROWTH) process.exitCode = 1;
}

/** One of them leaves and comes back every five seconds. */
async function talk(place: Place, make: Make, names: readonly string[], end: number): Promise<number> {
  const talkers: Talker[] = [];
  for (const name of names) talkers.push(await make(place, name, 'soak'));
  let said = 0;
  while (Date.now() < end) {
    const index = said % TALKERS;
    await talkers[index]?.say(`message ${said}`);
    said += 1;
    if (said % (RATE * 5) === 0) {
      talkers[index]?.leave();
      talkers[index] = await make(place, names[index] ?? '', 'soak');
    }
    await pause(1000 / RATE);
  }
  for (const talker of talkers) talker.leave();
  return said;
}

/** Least squares. */
function slopeOf(samples: readonly { at: number; heap: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = mean(samples.map((sample) => sample.at));
  const heap = mean(samples.map((sample) => sample.heap));
  const covariance = samples.reduce((sum, sample) => sum + (sample.at - at) * (sample.heap - heap), 0);
  return covariance / samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
}
