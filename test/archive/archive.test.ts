import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../server/database/database.ts';
import { appendMessages } from '../../server/archive/append.ts';
import { addReaction, deleteMessage, editMessage, removeReaction, setReactions } from '../../server/archive/amend.ts';
import { purgeChannel } from '../../server/archive/channel-numbers.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { findMessages } from '../../server/archive/page.ts';
import { onBothDialects } from '../support/databases.ts';
import { startWriter } from '../support/writer.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const said = (id: string, seconds: number, text = id, more: Partial<NewMessage> = {}): NewMessage => ({
  ...{ id, kind: 'text', nick: 'Alice', account: 'alice', text, sentAt: at(seconds) },
  ...more,
});

onBothDialects('the archive', ({ create, settings }) => {
  let database: Database;
  beforeAll(async () => {
    database = await create();
  });
  const ids = async (channel: string, request = {}): Promise<string[]> =>
    (await findMessages(database, { id: channel }, request)).messages.map(({ id }) => id);
  const only = async (channel: string) => (await findMessages(database, { id: channel }, {})).messages[0]!;

  it('keeps what a server delivered, and nothing twice', async () => {
    const message = said('m1', 0, 'hello', { replyTo: 'm0', attachment: 'https://x.example/a.png' });
    expect(await appendMessages(database, 'once', [message, message])).toHaveLength(1);
    expect(await appendMessages(database, 'once', [message, said('m2', 1)])).toEqual([said('m2', 1)]);
    expect(await ids('once')).toEqual(['m1', 'm2']);
    expect(await only('once')).toEqual({
      ...{ id: 'm1', channel: 'once', kind: 'text', nick: 'Alice', account: 'alice', text: 'hello', sentAt: at(0), replyTo: 'm0' },
      ...{ attachment: 'https://x.example/a.png', editedAt: null, deletedAt: null, reactions: [] },
    });
    expect(await appendMessages(database, 'another', [said('m1', 0)])).toHaveLength(1);
  });

  it('orders by time whatever order messages come in, and by arrival within a millisecond', async () => {
    await appendMessages(database, 'order', [said('c', 30), said('a', 10)]);
    await appendMessages(database, 'order', [said('b', 20)]);
    const burst = Array.from({ length: 1500 }, (_, index) => said(`d${index}`, 40));
    await appendMessages(database, 'order', burst);
    await appendMessages(database, 'order', [said('e', 40.001)]);
    expect(await ids('order', { limit: 5 })).toEqual(['d1496', 'd1497', 'd1498', 'd1499', 'e']);
    expect(await ids('order', { before: 'd2' })).toEqual(['a', 'b', 'c', 'd0', 'd1']);
  });

  it('takes the same history from two processes at once', async () => {
    const history = Array.from({ length: 200 }, (_, index) => said(`h${index}`, index + 1));
    const other = await startWriter(settings());
    const [theirs, ...ours] = await Promise.all([
      other.append('race', history.slice(50)),
      appendMessages(database, 'race', history).then(({ length }) => length),
      ...Array.from({ length: 20 }, async (_, index) => (await appendMessages(database, 'race', [said(`x${index}`, 0)])).length),
    ]);
    expect(ours.reduce((sum, length) => sum + length, theirs)).toBe(220);
    await other.stop();
    expect(await ids('race', { limit: 200 })).toEqual(history.map(({ id }) => id));
  });

  it('skips joins and leaves unless they are asked for', async () => {
    const events = [
      said('j', 0, '', { kind: 'join' }),
      said('t', 1, 'News', { kind: 'topic' }),
      said('m', 2),
      said('l', 3, '', { kind: 'leave' }),
    ];
    await appendMessages(database, 'events', events);
    expect(await ids('events')).toEqual(['t', 'm']);
    expect(await ids('events', { withEvents: true })).toEqual(['j', 't', 'm', 'l']);
  });

  describe('pages', () => {
    beforeAll(async () => {
      await appendMessages(
        database,
        'pages',
        Array.from({ length: 10 }, (_, index) => said(`p${index}`, index)),
      );
    });
    const page = async (request: object) => {
      const { messages, hasBefore, hasAfter } = await findMessages(database, { id: 'pages' }, request);
      return [messages.map(({ id }) => id.slice(1)).join(''), hasBefore, hasAfter];
    };
    it('the newest, and on to both sides without the message that is named', async () => {
      expect(await page({ limit: 3 })).toEqual(['789', true, false]);
      expect(await page({ before: 'p7', limit: 3 })).toEqual(['456', true, true]);
      expect(await page({ before: 'p3', limit: 3 })).toEqual(['012', false, true]);
      expect(await page({ after: 'p3', limit: 3 })).toEqual(['456', true, true]);
      expect(await page({ after: 'p6', limit: 3 })).toEqual(['789', true, false]);
      expect(await page({ after: 'p9' })).toEqual(['', true, false]);
    });
    it('around a message, and around a moment', async () => {
      expect(await page({ around: 'p5', limit: 4 })).toEqual(['3456', true, true]);
      expect(await page({ around: 'p0', limit: 4 })).toEqual(['01', false, true]);
      expect(await page({ around: at(9), limit: 4 })).toEqual(['789', true, false]);
      expect(await page({ before: at(2) })).toEqual(['01', false, true]);
    });
    it('are bounded, and a message that is not there is an error', async () => {
      expect(await page({ limit: 0 })).toEqual(['9', true, false]);
      await expect(page({ before: 'nothing' })).rejects.toMatchObject({ code: 'KOSMOS_ERR_MESSAGE_NOT_FOUND' });
      expect(await findMessages(database, { id: 'never used' }, {})).toEqual({ messages: [], hasBefore: false, hasAfter: false });
    });
  });

  it('lets the sender edit, by the server’s id or the client’s, newest wording last', async () => {
    await appendMessages(database, 'edits', [said('m', 0, 'helo', { originId: 'client-1' })]);
    const edit = { nick: 'Alice', account: 'alice' };
    expect(await editMessage(database, 'edits', { ...edit, target: 'client-1', id: 'e2', text: 'hello', at: at(20) })).toBe(at(0));
    expect(await editMessage(database, 'edits', { ...edit, target: 'm', id: 'e1', text: 'hallo', at: at(10) })).toBe(at(0));
    expect(await editMessage(database, 'edits', { nick: 'mallory', target: 'm', id: 'e3', text: 'evil', at: at(30) })).toBeUndefined();
    expect(await editMessage(database, 'edits', { ...edit, target: 'none', id: 'e4', text: 'x', at: at(30) })).toBeUndefined();
    expect(await only('edits')).toMatchObject({ text: 'hello', editedAt: at(20) });
    const kept = await database.selectFrom('amendments').select('text').where('target', '=', 'm').orderBy('at').execute();
    expect(kept.map(({ text }) => text)).toEqual(['hallo', 'hello']);
  });

  it('empties what was deleted, wordings and all, and edits it no more', async () => {
    await appendMessages(database, 'gone', [said('g', 0, 'my password')]);
    const by = { target: 'g', nick: 'Alice', account: 'alice' };
    await editMessage(database, 'gone', { ...by, id: 'e1', text: 'my secret', at: at(1) });
    await addReaction(database, 'gone', { ...by, emoji: '👍', at: at(1) });
    expect(await deleteMessage(database, 'gone', { target: 'g', nick: 'mallory', at: at(2), bySenderOnly: true })).toBeUndefined();
    expect(await deleteMessage(database, 'gone', { ...by, at: at(2), bySenderOnly: true })).toBe(at(0));
    expect(await deleteMessage(database, 'gone', { ...by, at: at(3) })).toBeUndefined();
    expect(await editMessage(database, 'gone', { ...by, id: 'e2', text: 'back', at: at(4) })).toBeUndefined();
    expect(await only('gone')).toMatchObject({ text: '', deletedAt: at(2), reactions: [] });
    const texts = await database.selectFrom('amendments').select('text').where('target', '=', 'g').execute();
    expect(texts.every(({ text }) => text === '')).toBe(true);
  });

  it('counts a reaction once a sender, takes it back, and replaces a whole set', async () => {
    await appendMessages(database, 'reactions', [said('r', 0)]);
    const by = (nick: string, seconds: number) => ({ target: 'r', nick, at: at(seconds) });
    await addReaction(database, 'reactions', { ...by('Bob', 1), emoji: '🎉' });
    await addReaction(database, 'reactions', { ...by('Bob', 2), emoji: '🎉' });
    await addReaction(database, 'reactions', { ...by('carol', 3), emoji: '🎉' });
    await setReactions(database, 'reactions', { ...by('dave', 4), emojis: ['👍', '🎉'] });
    await setReactions(database, 'reactions', { ...by('dave', 5), emojis: ['👍'] });
    expect((await only('reactions')).reactions).toEqual([
      { emoji: '🎉', nicks: ['Bob', 'carol'] },
      { emoji: '👍', nicks: ['dave'] },
    ]);
    await removeReaction(database, 'reactions', { ...by('bob', 6), emoji: '🎉' });
    await setReactions(database, 'reactions', { ...by('dave', 7), emojis: [] });
    expect((await only('reactions')).reactions).toEqual([{ emoji: '🎉', nicks: ['carol'] }]);
    expect(await addReaction(database, 'reactions', { ...by('bob', 8), target: 'none', emoji: '🎉' })).toBeUndefined();
  });

  it('purges a channel without touching another', async () => {
    await appendMessages(
      database,
      'left',
      Array.from({ length: 2_500 }, (_, index) => said(`l${index}`, index)),
    );
    await addReaction(database, 'left', { target: 'l1', nick: 'bob', at: at(1), emoji: '🎉' });
    await appendMessages(database, 'stays', [said('s', 1)]);
    await purgeChannel(database, 'left');
    expect(await ids('left')).toEqual([]);
    expect(await ids('stays')).toEqual(['s']);
  });
});
