import type { LiveSession } from '../component.ts';
import { BOT, OPERATOR } from './config.ts';
import type { ErgoConnection } from './connection.ts';

/** Each costs a question of its own; beyond this many, the rest is not looked at. */
const MOST_PEOPLE = 1_000;

/** Who is connected to Ergo, connection by connection. What comes by the plain port `inside` is the gateway, for somebody in the web client. */
export async function findErgoSessions(ergo: ErgoConnection, inside: number): Promise<LiveSession[]> {
  const { lines } = await ergo.ask('WHO', '*');
  const nicks = lines.filter(({ command }) => command === '352').flatMap(({ parameters }) => parameters[5]?.toLowerCase() ?? []);
  const people = [...new Set(nicks)].filter((nick) => nick !== BOT && nick !== OPERATOR).slice(0, MOST_PEOPLE);
  const lists = await Promise.all(people.map((name) => findSessionsOf(ergo, name, inside)));
  return lists.flat();
}

/** Ergo 2.15 tells of each client in lines of `key: value`, the first of which is `Client 0:`. */
async function findSessionsOf(ergo: ErgoConnection, name: string, inside: number): Promise<LiveSession[]> {
  const { notices } = await ergo.ask('NS', 'CLIENTS', 'LIST', name);
  const clients: Map<string, string>[] = [];
  for (const notice of notices) {
    if (/^Client \d+:/.test(notice)) clients.push(new Map());
    const [, key, value] = /^([\w ]+?):\s+(.+)$/.exec(notice) ?? [];
    if (key && value) clients.at(-1)?.set(key, value);
  }
  return clients.map((client) => ({
    ...{ name, protocol: 'irc' as const, client: client.get('Device ID') ?? null, address: client.get('IP address') ?? null },
    ...{ since: isoOf(client.get('Created at')), viaGateway: localPortOf(client.get('Connection')) === inside },
  }));
}

function isoOf(text: string | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Of `127.0.0.1:6667 <-> 127.0.0.1:37602`. */
function localPortOf(connection: string | undefined): number | undefined {
  const port = /:(\d+) <->/.exec(connection ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}
