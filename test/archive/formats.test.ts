import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../server/database/database.ts';
import { addReaction, deleteMessage, editMessage } from '../../server/archive/amend.ts';
import { appendMessages } from '../../server/archive/append.ts';
import { exportDocuments, exportJsonLines, exportText } from '../../server/archive/export.ts';
import { importDocument } from '../../server/archive/import.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { findMessages } from '../../server/archive/page.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { onBothDialects } from '../support/databases.ts';
import { People } from '../support/people.ts';

const said = (id: string, sentAt: string, text: string, more: Partial<NewMessage> = {}): NewMessage => ({
  ...{ id, sentAt, text, kind: 'text', nick: 'alice', account: 'alice' },
  ...more,
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

onBothDialects('export and import', ({ create }) => {
  let database: Database, channel: Channel, room: Channel, copy: Channel, elsewhere: Channel;

  beforeAll(async () => {
    database = await create();
    const people = new People(database);
    const team = await people.team('Acme', 'irc');
    channel = await people.channel(team, 'kosmos');
    copy = await people.channel(team, 'copy');
    elsewhere = await people.channel(team, 'elsewhere');
    room = await people.channel(await people.team('Jabber', 'xmpp'), 'lobby');
    await appendMessages(database, channel.id, [
      said('1', '2015-01-01T23:59:59.999Z', 'happy new year'),
      said('2', '2015-01-03T10:00:00.000Z', '', { kind: 'join', nick: 'hal8000', account: undefined }),
      said('3', '2015-01-03T10:00:01.000Z', 'knock knock', { nick: 'hal8000', account: undefined }),
      said('4', '2015-01-03T10:00:02.000Z', 'opens the door', { kind: 'action', replyTo: '3' }),
      said('5', '2015-01-03T10:00:03.000Z', 'pod bay', { kind: 'topic' }),
      said('6', '2015-01-04T00:00:00.000Z', 'oops'),
      said('7', '2015-01-04T00:00:01.000Z', 'two\nlines', { kind: 'notice' }),
    ]);
    const by = { nick: 'alice', account: 'alice', at: '2015-01-04T00:10:00.000Z' };
    await editMessage(database, channel.id, { ...by, target: '1', id: 'e', text: 'happy 2015' });
    await addReaction(database, channel.id, { ...by, target: '3', emoji: '🚪' });
    await deleteMessage(database, channel.id, { ...by, target: '6' });
    await appendMessages(database, room.id, [said('x', '2026-01-01T00:00:00.000Z', 'hi')]);
  });

  it('writes the open format exactly, a document a day, each with its neighbours', async () => {
    const documents = await collect(exportDocuments(database, [channel], 'chat.example'));
    expect(documents.map(({ path }) => path)).toEqual([
      ...['chat-messages/chat.example/channels/kosmos/2015/01/01', 'chat-messages/chat.example/channels/kosmos/2015/01/03'],
      'chat-messages/chat.example/channels/kosmos/2015/01/04',
    ]);
    expect(documents[1]!.document).toEqual({
      '@context': 'https://kosmos.org/ns/v1',
      '@id': 'chat-messages/chat.example/channels/kosmos/',
      '@type': 'ChatChannel',
      name: '#kosmos',
      ircURI: 'irc://chat.example/kosmos',
      today: {
        '@id': '2015/01/03',
        '@type': 'ChatLog',
        messageType: 'InstantMessage',
        previous: '2015/01/01',
        next: '2015/01/04',
        messages: [
          { date: '2015-01-03T10:00:00.000Z', user: 'hal8000', text: '', type: 'join', id: '2' },
          { date: '2015-01-03T10:00:01.000Z', user: 'hal8000', text: 'knock knock', type: 'text', id: '3', reactions: { '🚪': ['alice'] } },
          {
            date: '2015-01-03T10:00:02.000Z',
            user: 'alice',
            text: 'opens the door',
            type: 'action',
            id: '4',
            account: 'alice',
            replyTo: '3',
          },
        ],
      },
    });
    expect(documents[0]!.document.today).not.toHaveProperty('previous');
    expect(documents[2]!.document.today).not.toHaveProperty('next');
    const [lobby] = await collect(exportDocuments(database, [room], 'chat.example'));
    expect(lobby!.path).toBe('chat-messages/rooms.chat.example/lobby/2026/01/01');
    expect(lobby!.document).toMatchObject({ name: 'lobby', xmppURI: 'xmpp:lobby@rooms.chat.example' });
  });

  it('takes its own documents back, once', async () => {
    const documents = await collect(exportDocuments(database, [channel], 'chat.example'));
    for (const { document } of documents) await importDocument(database, copy.id, JSON.parse(JSON.stringify(document)));
    for (const { document } of documents) expect(await importDocument(database, copy.id, document)).toBe(0);
    const again = await collect(exportDocuments(database, [copy], 'chat.example'));
    expect(again.map(({ document }) => document.today.messages)).toEqual(documents.map(({ document }) => document.today.messages));
    const { messages } = await findMessages(database, copy, {});
    expect(messages.find(({ id }) => id === '6')).toMatchObject({ text: '', deletedAt: '2015-01-04T00:10:00.000Z' });
  });

  it('takes documents of other loggers, which have no ids', async () => {
    const entry = { date: '2015-06-05T17:35:28.454Z', user: 'hal8000', text: 'knock', type: 'text' };
    const document = {
      ...{ '@context': 'https://kosmos.org/ns/v1', '@id': 'chat-messages/freenode/channels/x/', '@type': 'ChatChannel', name: '#x' },
      ...{ ircURI: 'irc://irc.freenode.net/x' },
      today: {
        '@id': '2015/06/05',
        '@type': 'ChatLog',
        messageType: 'InstantMessage',
        messages: [entry, entry, { ...entry, text: 'who' }],
      },
    };
    expect(await importDocument(database, elsewhere.id, document)).toBe(3);
    expect(await importDocument(database, elsewhere.id, document)).toBe(0);
    for (const wrong of [
      null,
      {},
      { ...document, name: 5 },
      { ...document, today: { ...document.today, messages: [{ ...entry, date: 'x' }] } },
    ]) {
      await expect(importDocument(database, elsewhere.id, wrong)).rejects.toMatchObject({ code: 'KOSMOS_ERR_DOCUMENT_INVALID' });
    }
  });

  it('exports JSON lines and plain text of several channels', async () => {
    const lines = (await collect(exportJsonLines(database, [channel, room]))).map((line) => JSON.parse(line) as { id: string });
    expect(lines.map(({ id }) => id).join('')).toBe('1234567x');
    expect(lines[0]).toMatchObject({ text: 'happy 2015', channelName: 'kosmos', home: 'irc', address: 'kosmos' });
    expect((await collect(exportText(database, [channel]))).join('')).toBe(
      [
        '# kosmos',
        '[2015-01-01 23:59:59] <alice> happy 2015 (edited)',
        '[2015-01-03 10:00:00] hal8000 joined',
        '[2015-01-03 10:00:01] <hal8000> knock knock',
        '[2015-01-03 10:00:02] * alice opens the door',
        '[2015-01-03 10:00:03] alice set the topic: pod bay',
        '[2015-01-04 00:00:00] <alice> (deleted)',
        '[2015-01-04 00:00:01] -alice- two',
        '    lines',
        '',
      ].join('\n'),
    );
  });
});
