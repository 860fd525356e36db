/** Memory per idle session and delivery times against a real Prosody: `node --expose-gc --import tsx test/gateway-xmpp/bench.ts [sessions]`. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Member } from './support/member.ts';
import { Prosody } from './support/prosody.ts';

const sessions = Number(process.argv[2] ?? 300);
const TALKERS = 10;
const MESSAGES = 400;
const INTERVAL = 50;

function memory(): { heap: number; rss: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss, external } = process.memoryUsage();
  return { heap: (heapUsed + external) / 1024, rss: rss / 1024 };
}

function percentile(sorted: readonly number[], share: number): string {
  return `${(sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2)} ms`;
}

async function enterAll(prosody: Prosody, count: number, room: string): Promise<Member[]> {
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const member = new Member(prosody, `m${index}`);
    await member.connects();
    if (room !== '') await member.joins(room);
    for (const other of members) other.inbox.length = 0;
    members.push(member);
  }
  return members;
}

async function measureIdle(prosody: Prosody, count: number, room: string): Promise<void> {
  const before = memory();
  const members = await enterAll(prosody, count, room);
  await wait(2_000);
  for (const member of members) member.inbox.length = 0;
  const after = memory();
  const each = (key: 'heap' | 'rss'): string => `${((after[key] - before[key]) / count).toFixed(0)} kB`;
  console.log(`${count} idle sessions ${room === '' ? 'in no room' : 'in one room'}: heap ${each('heap')}, RSS ${each('rss')} each`);
  await Promise.all(members.map((member) => member.goes()));
}

async function measureDelivery(prosody: Prosody): Promise<void> {
  const members = await enterAll(prosody, TALKERS, '#talk');
  const delivered: number[] = [];
  const acknowledged: number[] = [];
  for (let index = 0; index < MESSAGES; index++) {
    const talker = members[index % TALKERS] as Member;
    const listeners = members.filter((member) => member !== talker);
    const start = performance.now();
    const content = `message ${index}`;
    await Promise.all([
      talker.says('#talk', content).then(() => acknowledged.push(performance.now() - start)),
      ...listeners.map((one) => one.hears({ type: 'send', object: { content } }).then(() => delivered.push(performance.now() - start))),
    ]);
    await wait(Math.max(0, INTERVAL - (performance.now() - start)));
  }
  for (const [what, times] of [
    ['delivered', delivered],
    ['acknowledged', acknowledged],
  ] as const) {
    const sorted = times.toSorted((a, b) => a - b);
    console.log(`${TALKERS} members, 20 messages a second, ${what}: p50 ${percentile(sorted, 0.5)}, p99 ${percentile(sorted, 0.99)}`);
  }
  await measureBurst(prosody, members);
  await Promise.all(members.map((member) => member.goes()));
}

/** Milliseconds of processor time of a process (proc(5): fields 14 and 15, in hundredths of a second). */
async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measureBurst(prosody: Prosody, members: readonly Member[]): Promise<void> {
  for (const unacknowledged of [1, 50]) {
    const talker = members[0] as Member;
    const start = performance.now();
    const busy = process.cpuUsage();
    const prosodyBusy = await cpuOf(prosody.pid);
    const total = 1_000;
    let next = 0;
    const one = async (): Promise<void> => {
      while (next++ < total) await talker.says('#talk', `burst ${next}`);
    };
    await Promise.all(Array.from({ length: unacknowledged }, one));
    const rate = (total / (performance.now() - start)) * 1_000;
    const { user, system } = process.cpuUsage(busy);
    const each = (user + system) / (total * members.length);
    const theirs = ((await cpuOf(prosody.pid)) - prosodyBusy) / (total * members.length);
    console.log(`processor time for one message at one member: ${each.toFixed(0)} µs ours, ${(theirs * 1_000).toFixed(0)} µs Prosody’s`);
    console.log(`one sender, ${unacknowledged} unacknowledged, ${TALKERS} members in the room: ${rate.toFixed(0)} messages/s`);
  }
}

const prosody = await Prosody.start({ accounts: Array.from({ length: sessions }, (_, index) => `m${index}`) });
try {
  await measureDelivery(prosody);
  await measureIdle(prosody, sessions, '');
  await measureIdle(prosody, sessions, '#idle');
} finally {
  await prosody.remove();
}
