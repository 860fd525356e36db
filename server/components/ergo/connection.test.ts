import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { TcpAddress } from '../../foundation/topology.ts';
import { ErgoConnection, type Operator } from './connection.ts';
import { probeRegistration } from './readiness.ts';

const servers: net.Server[] = [];
const sockets = new Set<net.Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** What is no Ergo: `answer` gets every line that comes, and says what to write. */
async function listenWith(answer: (line: string) => string | undefined): Promise<TcpAddress> {
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n').filter(Boolean)) {
        const words = answer(line);
        if (words === undefined) socket.destroy();
        else socket.write(words);
      }
    });
    socket.on('error', () => undefined);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
}

function operatorAt(address: TcpAddress): Operator {
  return { address, name: 'kosmos', token: 'x'.repeat(700), password: 'secret' };
}

function registering(line: string): string {
  if (line === 'AUTHENTICATE IRCV3BEARER') return 'AUTHENTICATE +\r\n';
  if (line === 'CAP END') return ':s 001 kosmos :Welcome\r\n:s 422 kosmos :no message\r\n';
  return line.startsWith('OPER ') ? ':s 381 kosmos :You are an operator\r\n' : '';
}

const unreachable = { code: 'KOSMOS_ERR_COMPONENT_UNREACHABLE' };

it('gives up on a server that says nothing', async () => {
  const address = await listenWith(() => '');
  await expect(ErgoConnection.open(operatorAt(address), AbortSignal.timeout(100))).rejects.toMatchObject(unreachable);
  await expect(probeRegistration(address, AbortSignal.timeout(100))).rejects.toThrow();
});

it('says why it was not let in, without the password', async () => {
  const address = await listenWith((line) => (line.startsWith('OPER ') ? ':s 464 kosmos :Password incorrect\r\n' : registering(line)));
  const attempt = ErgoConnection.open(operatorAt(address), AbortSignal.timeout(1_000));
  await expect(attempt).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining('Password incorrect') as string });
});

it('sends a long token in parts', async () => {
  const parts: string[] = [];
  const address = await listenWith((line) => {
    if (line.startsWith('AUTHENTICATE ')) parts.push(line.slice('AUTHENTICATE '.length));
    return registering(line);
  });
  const connection = await ErgoConnection.open(operatorAt(address), AbortSignal.timeout(1_000));
  connection.close();
  expect(parts.slice(1).map(({ length }) => length)).toEqual([400, 400, 140]);
  expect(Buffer.from(parts.slice(1).join(''), 'base64').toString()).toBe(`\0jwt\0${'x'.repeat(700)}`);
});

it('tells answers apart by their labels, and keeps the order of questions', async () => {
  const asked: string[] = [];
  const address = await listenWith((line) => {
    const [, label, question] = /^@label=(\d+) ASK (\d+)$/.exec(line) ?? [];
    if (!label || !question) return registering(line);
    asked.push(question);
    if (question === '1') return `:s NOTICE kosmos :unasked\r\n@label=${label} :s 473 kosmos #c :no\r\n`;
    const batch = [':s NOTICE kosmos :first', ':s NOTICE kosmos :second'].map((text) => `@batch=b${label} ${text}\r\n`).join('');
    return `@label=${label} :s BATCH +b${label} labeled-response\r\n${batch}:s BATCH -b${label}\r\n`;
  });
  const connection = await ErgoConnection.open(operatorAt(address), AbortSignal.timeout(1_000));
  const replies = await Promise.all(Array.from({ length: 200 }, (_, index) => connection.ask('ASK', String(index))));
  expect(replies[0]).toMatchObject({ notices: ['first', 'second'], refused: undefined });
  expect(replies[1]).toMatchObject({ notices: [], refused: '473', text: 'no' });
  expect(asked).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  connection.close();
});

it('rejects everything that waits when the connection is lost', async () => {
  const address = await listenWith((line) => (line.endsWith(' ASK') ? undefined : registering(line)));
  const connection = await ErgoConnection.open(operatorAt(address), AbortSignal.timeout(1_000));
  const questions = Array.from({ length: 100 }, () => connection.ask('ASK'));
  const outcomes = await Promise.allSettled(questions);
  expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
  expect(connection.isOpen).toBe(false);
  await expect(connection.ask('ASK')).rejects.toMatchObject(unreachable);
});

it('does not take another program for Ergo', async () => {
  const web = await listenWith(() => 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  await expect(probeRegistration(web, AbortSignal.timeout(200))).rejects.toThrow();
  const plain = await listenWith((line) => (line.startsWith('CAP') ? ':s CAP * LS :multi-prefix\r\n' : ''));
  await expect(probeRegistration(plain, AbortSignal.timeout(200))).rejects.toThrow();
  const closing = await listenWith(() => undefined);
  await expect(probeRegistration(closing, AbortSignal.timeout(200))).rejects.toThrow();
});
