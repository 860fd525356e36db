import { afterAll, beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import { appendMessages } from '../../server/archive/append.ts';
import { checkDocument, type ChatDocument } from '../../server/archive/chat-messages.ts';
import { deleteMessage } from '../../server/archive/amend.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { chooseVisibility } from '../../server/archive/document-days.ts';
import { RemoteStorage } from '../../server/archive/remote-storage.ts';
import { TeamStorage } from '../../server/archive/team-storage.ts';
import { TeamDocuments } from '../../server/daemon/documents/document-store.ts';
import { DocumentWriter } from '../../server/daemon/documents/writer.ts';
import { createAccount, findAccount } from '../../server/identity/accounts.ts';
import type { Database } from '../../server/database/database.ts';
import type { Channel } from '../../server/teams/channels.ts';
import type { Team } from '../../server/teams/teams.ts';
import { onBothDialects } from '../support/databases.ts';
import { People } from '../support/people.ts';
import { startArmadietto } from './support/armadietto.ts';
import { eventually } from '../support/eventually.ts';

const logger = pino({ level: 'silent' });
const FOLDER = 'chat-messages/chat.test/channels/general';

onBothDialects('documents', ({ create }) => {
  let database: Database, people: People, team: Team, channel: Channel, writer: DocumentWriter;
  let storage: Awaited<ReturnType<typeof startArmadietto>>;
  let forgotten = 0;
  let access: () => Promise<{ root: string; token: string }>;

  beforeAll(async () => {
    database = await create();
    people = new People(database);
    team = await people.team('Acme', 'irc');
    channel = await people.channel(team, 'general');
    storage = await startArmadietto('team-acme');
    access = async () => storage;
    writer = new DocumentWriter(
      database,
      new TeamDocuments(new RemoteStorage(storage.address), { accessFor: () => access(), forget: async () => void (forgotten += 1) }),
      'chat.test',
      logger,
    );
  });
  afterAll(async () => {
    await writer?.close();
    await storage?.stop();
  });

  const say = async (id: string, sentAt: string): Promise<void> => {
    const message: NewMessage = { id, kind: 'text', nick: 'alice', text: id, sentAt };
    const messages = await appendMessages(database, channel.id, [message]);
    await writer.take({ channelId: channel.id, messages, times: [sentAt], live: true });
  };
  const untilDocument = (day: string, fits: (document: ChatDocument) => boolean, folder = FOLDER) =>
    eventually(`the document of ${day}`, async () => {
      const { status, body } = await storage.get(`${folder}/${day}`);
      if (status !== 200) return false;
      const document = checkDocument(body);
      return fits(document) && document;
    });

  it('are written within seconds, a day each, linked to both sides as days come', async () => {
    await say('one', '2026-01-01T10:00:00.000Z');
    const first = await untilDocument('2026/01/01', ({ today }) => today.messages.length === 1);
    expect(first).toMatchObject({ '@id': `${FOLDER}/`, name: '#general', ircURI: 'irc://chat.test/general' });
    expect(first.today).not.toHaveProperty('next');
    await say('three', '2026-01-03T10:00:00.000Z');
    await untilDocument('2026/01/01', ({ today }) => today.next === '2026/01/03');
    await say('two', '2026-01-02T10:00:00.000Z');
    await untilDocument('2026/01/02', ({ today }) => today.previous === '2026/01/01' && today.next === '2026/01/03');
    await untilDocument('2026/01/03', ({ today }) => today.previous === '2026/01/02');
    await untilDocument('2026/01/01', ({ today }) => today.next === '2026/01/02');
    expect((await storage.get(`${FOLDER}/2026/01/01`, false)).status).not.toBe(200);
  });

  it('follow deletions', async () => {
    const at = '2026-01-05T00:00:00.000Z';
    const sentAt = await deleteMessage(database, channel.id, { target: 'two', nick: 'alice', at });
    await writer.take({ channelId: channel.id, messages: [], times: [sentAt!], live: true });
    const { today } = await untilDocument('2026/01/02', (document) => document.today.messages[0]?.deleted === at);
    expect(today.messages[0]).toMatchObject({ id: 'two', text: '' });
  });

  it('wait for a storage that is away, also over a restart of the daemon', async () => {
    access = async () => Promise.reject(new Error('away'));
    await say('later', '2026-01-07T10:00:00.000Z');
    await writer.close();
    expect((await storage.get(`${FOLDER}/2026/01/07`)).status).toBe(404);
    access = async () => storage;
    writer = new DocumentWriter(
      database,
      new TeamDocuments(new RemoteStorage(storage.address), { accessFor: () => access(), forget: async () => void (forgotten += 1) }),
      'chat.test',
      logger,
    );
    await untilDocument('2026/01/07', ({ today }) => today.messages.length === 1 && today.previous === '2026/01/03');
  });

  it('ask for another token where the storage refuses theirs', async () => {
    access = async () => ({ ...storage, token: 'revoked' });
    await say('refused', '2026-01-07T11:00:00.000Z');
    await eventually('the refusal', () => forgotten > 0);
    access = async () => storage;
    await untilDocument('2026/01/07', ({ today }) => today.messages.length === 2);
  });

  const choose = async (visibility: 'public' | 'private' | 'off'): Promise<void> => {
    const cursor = await people.outbox.findLatest();
    await people.outbox.change((change) => chooseVisibility(change, channel, visibility));
    for (const event of await people.outbox.findAfter(cursor)) await writer.apply(event);
  };
  const untilGone = (path: string) => eventually(`the end of ${path}`, async () => (await storage.get(path)).status === 404);

  it('move to where everybody may read them and back, and end, as is chosen', async () => {
    await choose('public');
    await untilDocument('2026/01/01', () => true, `public/${FOLDER}`);
    await untilGone(`${FOLDER}/2026/01/01`);
    expect((await storage.get(`public/${FOLDER}/2026/01/01`, false)).status).toBe(200);
    await say('for all', '2026-01-08T10:00:00.000Z');
    await untilDocument('2026/01/08', () => true, `public/${FOLDER}`);
    await choose('off');
    await untilGone(`public/${FOLDER}/2026/01/08`);
    await say('for nobody', '2026-01-08T11:00:00.000Z');
    await choose('private');
    await untilDocument('2026/01/08', ({ today }) => today.messages.length === 2 && today.previous === '2026/01/07');
    await untilDocument('2026/01/01', () => true);
    expect((await storage.get(`public/${FOLDER}/2026/01/01`)).status).toBe(404);
  });

  it('go to an account that is the team’s alone, whatever names people have', async () => {
    const granted: string[] = [];
    const grant = async (_: unknown, { name }: { name: string }): Promise<string> => granted[granted.push(name) - 1]!;
    const accounts = new TeamStorage(people.outbox, Buffer.alloc(32, 1), grant);
    expect(await accounts.accessFor(team.id)).toEqual({ root: '/storage/team-acme', token: 'team-acme' });
    expect(await accounts.accessFor(team.id)).toEqual({ root: '/storage/team-acme', token: 'team-acme' });
    expect(granted).toHaveLength(1);
    expect(await findAccount(database, 'team-acme')).toMatchObject({ isBot: true });
    await people.outbox.change((change) => createAccount(change, { name: 'team-rivals' }, [])).catch(() => undefined);
    const rivals = await people.team('Rivals', 'irc');
    const person = await findAccount(database, 'team-rivals');
    const { root } = await accounts.accessFor(rivals.id);
    expect(root).toBe(person ? '/storage/team-rivals-2' : '/storage/team-rivals');
  });
});
