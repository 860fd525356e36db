import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NewMessage } from '../../server/archive/message.ts';
import { OutgoingWebhooks } from '../../server/daemon/webhooks/outgoing.ts';
import type { Database } from '../../server/database/database.ts';
import type { Account } from '../../server/identity/accounts.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { createOutgoingWebhook, findCalls, type NewOutgoingWebhook } from '../../server/teams/outgoing-webhooks.ts';
import { onBothDialects } from '../support/databases.ts';
import { People } from '../support/people.ts';
import { eventually } from '../support/eventually.ts';

const logger = pino({ level: 'silent' });
const KEY = Buffer.alloc(32, 7);

onBothDialects('outgoing webhooks', ({ create }) => {
  let database: Database, channel: Channel, alice: Account, server: http.Server, outgoing: OutgoingWebhooks, url: string;
  const calls: { path: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
  const answers: number[] = [];
  /** Paths that answer 410. */
  const gone = new Set<string>();

  beforeAll(async () => {
    database = await create();
    const people = new People(database);
    const team = await people.team('Acme', 'irc');
    alice = await people.member(team, 'alice');
    channel = await people.channel(team, 'general');
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += String(chunk)));
      request.on('end', () => {
        calls.push({ path: request.url ?? '', headers: request.headers, body });
        response.writeHead(gone.has(request.url ?? '') ? 410 : (answers.shift() ?? 200)).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://hook.test:${(server.address() as AddressInfo).port}`;
    outgoing = new OutgoingWebhooks(database, KEY, logger, async () => ['127.0.0.1'], [0.05, 0.1]);
  });
  afterAll(async () => {
    await outgoing?.close();
    server?.closeAllConnections();
    server?.close();
  });

  const add = (wanted: Partial<NewOutgoingWebhook>) =>
    createOutgoingWebhook(database, KEY, channel, alice, { name: 'watch', url, trigger: 'message', ...wanted });
  const say = async (text: string, nick = 'alice', account: string | undefined = nick): Promise<void> => {
    const message: NewMessage = { id: text, kind: 'text', nick, account, text, sentAt: new Date().toISOString() };
    await outgoing.take({ channelId: channel.id, messages: [message], times: [], live: true });
  };
  const heard = (path: string) => calls.filter((call) => call.path === path);

  it('calls with the message, signed, again until it is answered, and logs it', async () => {
    const { id, secret } = await add({ url: `${url}/all` });
    answers.push(500, 302);
    await say('hello');
    await eventually('the third attempt', () => heard('/all').length === 3);
    const { headers, body } = heard('/all')[2]!;
    expect(JSON.parse(body)).toMatchObject({ type: 'message', channel: { name: 'general' }, message: { text: 'hello', account: 'alice' } });
    const expected = createHmac('sha256', secret)
      .update(`${String(headers['x-kosmos-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['x-kosmos-signature']).toBe(`v1=${expected}`);
    expect(new Set(heard('/all').map((call) => call.headers['x-kosmos-delivery'])).size).toBe(1);
    const [logged] = await eventually('the end of the call', async () => {
      const log = await findCalls(database, id);
      return log[0]?.status === 200 && log;
    });
    expect(logged).toMatchObject({ attempts: 3, nextAt: null, outcome: 'answered 200' });
    expect(JSON.stringify(await database.selectFrom('outgoing_webhooks').selectAll().execute())).not.toContain(secret);
  });

  it('calls for a word only where that is wanted, and never for what the bot says', async () => {
    await add({ url: `${url}/deploys`, trigger: 'mention', word: 'Deploy' });
    await say('nothing');
    await say('looping deploy', 'github/kosmos', undefined);
    await say('a deploy at noon');
    await eventually('the call', () => heard('/deploys').length > 0);
    expect(heard('/deploys').map(({ body }) => (JSON.parse(body) as { message: { text: string } }).message.text)).toEqual([
      'a deploy at noon',
    ]);
  });

  it('makes a call of the history once more, as it was', async () => {
    const { id } = await add({ url: `${url}/again`, trigger: 'mention', word: 'again' });
    gone.add('/again');
    await say('do it again');
    const [given] = await eventually('the end of the tries', async () => {
      const log = await findCalls(database, id);
      return log[0]?.nextAt === null && log[0].attempts === 3 && log;
    });
    gone.clear();
    expect(await outgoing.repeat(id, given?.id ?? '')).toEqual({ status: 200, outcome: 'answered 200' });
    expect(await findCalls(database, id)).toMatchObject([{ attempts: 4, status: 200, nextAt: null }]);
    const sent = heard('/again');
    expect([new Set(sent.map(({ body }) => body)).size, new Set(sent.map((call) => call.headers['x-kosmos-delivery'])).size]).toEqual([
      1, 1,
    ]);
    await expect(outgoing.repeat(id, 'none')).rejects.toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND' });
  });

  it('gives up after the last attempt, and never calls private addresses', async () => {
    const guarded = new OutgoingWebhooks(database, KEY, logger, undefined, []);
    const { id } = await add({ url: 'http://localhost:1/private', trigger: 'mention', word: 'inside' });
    await outgoing.close();
    await guarded.take({
      ...{ channelId: channel.id, times: [], live: true },
      messages: [{ id: 'x', kind: 'text', nick: 'alice', text: 'inside', sentAt: new Date().toISOString() }],
    });
    const [call] = await eventually('the refusal', async () => {
      const log = await findCalls(database, id);
      return log[0]?.nextAt === null && log;
    });
    await guarded.close();
    expect(call).toMatchObject({ attempts: 1, status: null, outcome: 'localhost has no public address' });
    for (const wrong of ['ftp://x', 'javascript:alert(1)', 'https://user:pass@example.org', 'x']) {
      await expect(add({ url: wrong })).rejects.toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_URL' });
    }
  });
});
