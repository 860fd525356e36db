/** `npm run bench:archive [messages] [postgres]`: a year of a busy team, then pages and searches as members ask for them. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { sql } from 'kysely';
import { appendMessages } from '../../server/archive/append.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { findMessages } from '../../server/archive/page.ts';
import { parseQuery } from '../../server/archive/query.ts';
import { search } from '../../server/archive/search.ts';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { migrate } from '../../server/database/migrate.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { Account } from '../../server/identity/accounts.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { People } from '../support/people.ts';
import { startPostgres } from '../support/postgres.ts';

const CHANNELS = 40;
const PEOPLE = 60;
const YEAR = 365 * 24 * 3_600_000;
const END = Date.parse('2026-11-01T00:00:00Z');
const BATCH = 2_000;
const TARGETS = { page: 20, search: 50 };

/** The same numbers in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomNumbers(7);
const pick = <T>(items: readonly T[], skew = 1): T => items[Math.floor(random() ** skew * items.length)] as T;

const syllables = 'an ber cho da el fin gra hu in jo ka lo mi nor os pra qui ros sta te um ver wi xa yo zen'.split(' ');
const word = (): string => Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(syllables)).join('');
const vocabulary = [...new Set(Array.from({ length: 30_000 }, word))].sort((one, other) => one.length - other.length);
const han = [
  ...'的一是不了人我在有他这中大来上国和地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去',
];
/** Words by Zipf's law, as in a language; a message in thirty is Chinese, one in twenty has a link. */
function sentence(): string {
  if (random() < 1 / 30) return Array.from({ length: 6 + Math.floor(random() * 20) }, () => pick(han)).join('');
  const words = Array.from({ length: 2 + Math.floor(random() ** 2 * 28) }, () => vocabulary[Math.floor(vocabulary.length ** random()) - 1]);
  if (random() < 0.05) words.push(`https://example.org/${word()}/${word()}`);
  return words.join(' ');
}

async function fill(database: Database, channels: readonly Channel[], count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const channel = pick(channels, 2);
    const messages = Array.from({ length: Math.min(BATCH, count - done) }, (_, index): NewMessage => {
      const nick = `person${Math.floor(random() ** 2 * PEOPLE)}`;
      const sentAt = new Date(END - YEAR + ((done + index) / count) * YEAR).toISOString();
      return { id: `${(done + index).toString(36)}-kosmos-message`, kind: 'text', nick, account: nick, text: sentence(), sentAt };
    });
    await appendMessages(database, channel.id, messages);
  }
}

async function measure(title: string, target: number, runs: number, work: (run: number) => Promise<unknown>): Promise<void> {
  for (let warm = 0; warm < 5; warm++) await work(warm);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work(run);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
  const verdict = at(0.95) <= target ? 'ok' : `above ${target}`;
  console.log(`${title.padEnd(34)} p50 ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, max ${at(1).toFixed(1)} ms  ${verdict}`);
  if (at(0.95) > target) process.exitCode = 1;
}

async function measureAll(database: Database, channels: readonly Channel[], member: Account, guest: Account): Promise<void> {
  const days = (run: number): string => new Date(END - ((run * 7919) % 360) * 24 * 3_600_000).toISOString();
  await measure('page, newest 50', TARGETS.page, 200, () => findMessages(database, pick(channels), {}));
  await measure('page of 50 before a day', TARGETS.page, 200, (run) => findMessages(database, pick(channels), { before: days(run) }));
  await measure('page of 50 around a day', TARGETS.page, 200, (run) => findMessages(database, pick(channels), { around: days(run) }));
  const searched = (account: Account, text: () => string) => () => search(database, account, parseQuery(text()));
  const common = (): string => vocabulary[26 + Math.floor(random() * 20)] as string;
  const rare = (): string => pick(vocabulary.slice(-5_000));
  const any = (): string => vocabulary[Math.floor(vocabulary.length ** random()) - 1] as string;
  await measure('search, a common word', TARGETS.search, 100, searched(member, common));
  await measure('search, a rare word', TARGETS.search, 100, searched(member, rare));
  await measure(
    'search, two words',
    TARGETS.search,
    100,
    searched(member, () => `${any()} ${any()}`),
  );
  await measure(
    'search, part of a word',
    TARGETS.search,
    100,
    searched(member, () => rare().slice(1, 6)),
  );
  await measure(
    'search, four Han characters',
    TARGETS.search,
    100,
    searched(member, () => Array.from({ length: 4 }, () => pick(han)).join('')),
  );
  await measure(
    'search, two Han characters',
    TARGETS.search,
    100,
    searched(member, () => pick(han) + pick(han)),
  );
  await measure(
    'search, two letters not there',
    TARGETS.search,
    30,
    searched(member, () => 'qx'),
  );
  await measure(
    'search, nothing found',
    TARGETS.search,
    100,
    searched(member, () => `${rare()}zzz`),
  );
  await measure(
    'search, word from one person',
    TARGETS.search,
    100,
    searched(member, () => `from:person${Math.floor(random() * PEOPLE)} ${any()}`),
  );
  await measure(
    'search, word in a channel',
    TARGETS.search,
    100,
    searched(member, () => `in:${pick(channels).name} ${any()}`),
  );
  await measure(
    'search, has:link and a word',
    TARGETS.search,
    100,
    searched(member, () => `has:link ${any()}`),
  );
  await measure(
    'search, before a day',
    TARGETS.search,
    100,
    searched(member, () => `before:2026-03-01 ${any()}`),
  );
  await measure('search by a guest of one channel', TARGETS.search, 100, searched(guest, any));
}

async function sizeOf(database: Database, file: string | undefined): Promise<number> {
  if (file) {
    await sql`pragma wal_checkpoint(truncate)`.execute(database);
    return statSync(file).size;
  }
  const result = await sql<{ size: number }>`select pg_database_size(current_database()) as size`.execute(database);
  return result.rows[0]!.size;
}

const count = Number(process.argv[2] ?? 1_000_000);
const server = process.argv[3] === 'postgres' ? await startPostgres() : undefined;
const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-bench-'));
const database = openDatabase({ dataFolder: folder, databaseUrl: await server?.createDatabase() });
try {
  await migrate(database, server ? 'postgres' : 'sqlite', migrations);
  const people = new People(database);
  const team = await people.team('Bench', 'irc');
  const member = await people.member(team, 'member');
  const guest = await people.member(team, 'guest', 'guest');
  const channels: Channel[] = [];
  for (let index = 0; index < CHANNELS; index++) channels.push(await people.channel(team, `channel${index}`));
  await people.open(team, channels.at(-1)!, 'guest');
  const start = performance.now();
  await fill(database, channels, count);
  const seconds = (performance.now() - start) / 1000;
  if (server) await sql`vacuum analyze`.execute(database);
  const size = await sizeOf(database, server ? undefined : path.join(folder, 'kosmos.db'));
  console.log(
    `${count} messages on ${server ? 'PostgreSQL' : 'SQLite'}: ${seconds.toFixed(0)} s to append, ${(size / 1e6).toFixed(0)} MB on disk`,
  );
  await measureAll(database, channels, member, guest);
} finally {
  await database.destroy();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}
