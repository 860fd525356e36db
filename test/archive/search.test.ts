import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../server/database/database.ts';
import type { Account } from '../../server/identity/accounts.ts';
import { appendMessages } from '../../server/archive/append.ts';
import { deleteMessage, editMessage } from '../../server/archive/amend.ts';
import { positionAt, type NewMessage } from '../../server/archive/message.ts';
import { parseQuery } from '../../server/archive/query.ts';
import { search } from '../../server/archive/search.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { removeMember, getMember } from '../../server/teams/members.ts';
import type { Team } from '../../server/teams/teams.ts';
import { migrate } from '../../server/database/migrate.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { MessagesTable } from '../../server/database/schema.ts';
import { onBothDialects } from '../support/databases.ts';
import { People } from '../support/people.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');
let count = 0;
const said = (text: string, nick = 'alice', more: Partial<NewMessage> = {}): NewMessage => ({
  ...{ id: `id${++count}`, kind: 'text', nick, account: nick, text, sentAt: new Date(START + count * 60_000).toISOString() },
  ...more,
});

onBothDialects('search', ({ create, dialect }) => {
  let database: Database, people: People, team: Team, general: Channel, board: Channel;
  let alice: Account, guest: Account, stranger: Account;

  beforeAll(async () => {
    database = await create();
    people = new People(database);
    team = await people.team('Acme', 'irc');
    general = await people.channel(team, 'general');
    board = await people.channel(team, 'board', true);
    alice = await people.member(team, 'alice');
    guest = await people.member(team, 'gus', 'guest');
    const others = await people.team('Others', 'xmpp');
    stranger = await people.member(others, 'sam');
    await people.channel(others, 'general');
  });
  const add = async (channel: Channel, ...messages: NewMessage[]): Promise<void> => {
    await appendMessages(database, channel.id, messages);
  };
  const found = async (text: string, account = alice): Promise<string[]> =>
    (await search(database, account, parseQuery(text))).messages.map((message) => message.text);

  it('finds parts of words, phrases and all terms together, newest first, in any case', async () => {
    await add(general, said('the quick Brownies'), said('a brown fox'), said('"50%_off" sale'), said('CAFÉ crème'));
    expect(await found('brown')).toEqual(['a brown fox', 'the quick Brownies']);
    expect(await found('ROWNI quick')).toEqual(['the quick Brownies']);
    expect(await found('"brown fox"')).toEqual(['a brown fox']);
    expect(await found('"fox brown"')).toEqual([]);
    expect(await found('50%_off')).toEqual(['"50%_off" sale']);
    expect(await found('50%off')).toEqual([]);
    expect(await found('café')).toEqual(['CAFÉ crème']);
  });

  it('finds Chinese, Japanese and Korean, of two characters and of one', async () => {
    await add(general, said('明日の会議は十時です'), said('내일 회의가 있습니다'), said('我们明天开会讨论'));
    expect(await found('会議は')).toEqual(['明日の会議は十時です']);
    expect(await found('会議')).toEqual(['明日の会議は十時です']);
    expect(await found('회의가')).toEqual(['내일 회의가 있습니다']);
    expect(await found('会')).toEqual(['我们明天开会讨论', '明日の会議は十時です']);
    expect(await found('开会讨论 明')).toEqual(['我们明天开会讨论']);
  });

  it('finds words of two characters, and single ones, however far back they were said', async () => {
    const oldest = Array.from({ length: 3 }, (_, index) =>
      said(`遠い𠮟咤の港町 ${index}`, 'alice', { sentAt: `2020-01-01T00:00:0${index}.000Z` }),
    );
    await add(general, ...oldest);
    await add(board, said('遠い秘密の港', 'alice', { sentAt: '2020-01-02T00:00:00.000Z' }));
    const nothing = Array.from({ length: 30 }, (_, index) => said(`rien ${index}`));
    await add(general, ...nothing);
    const bounded = async (text: string, account = alice): Promise<string[]> =>
      (await search(database, account, parseQuery(text), { scan: 20 })).messages.map((message) => message.text);
    const texts = oldest.map(({ text }) => text).reverse();
    for (const text of ['港町', '町', '遠', '咤の', '𠮟咤', '港町 遠い', '遠い 2'])
      expect(await bounded(text)).toEqual(text.endsWith('2') ? texts.slice(0, 1) : texts);
    expect(await bounded('町港')).toEqual([]);
    expect(await bounded('遠い', guest)).toEqual([]);
    expect(await bounded('港町 before:2020-01-01')).toEqual([]);
    expect(await bounded('港町 in:board')).toEqual([]);
    expect(await bounded('港 1')).toEqual(['遠い𠮟咤の港町 1']);
    expect(await bounded('ri', alice)).toHaveLength(20);
    const target = oldest[2]!.id;
    const by = { target, nick: 'alice', account: 'alice', at: '2026-01-01T00:00:00.000Z' };
    await editMessage(database, general.id, { ...by, id: 'edit-han', text: '近い浜辺' });
    expect(await bounded('港町')).toEqual(texts.slice(1));
    expect(await bounded('浜辺')).toEqual(['近い浜辺']);
    await deleteMessage(database, general.id, by);
    expect(await bounded('浜辺')).toEqual([]);
  });

  it('filters by sender, channel, time, links and files', async () => {
    const inBoard = said('budget in the open', 'alice');
    await people.open(team, board, 'alice');
    await add(board, inBoard);
    await add(general, said('budget, see https://example.org/plan', 'Bob', { account: undefined }));
    await add(general, said('budget sheet', 'alice', { attachment: 'https://chat.example/upload/1/sheet.ods' }));
    await add(general, said('budget https://chat.example/upload/2/x', 'alice'));
    expect(await found('budget from:bob')).toEqual(['budget, see https://example.org/plan']);
    expect(await found('in:board budget')).toEqual(['budget in the open']);
    expect(await found('in:#general budget has:link')).toHaveLength(2);
    expect(await found('has:file budget')).toEqual(['budget https://chat.example/upload/2/x', 'budget sheet']);
    expect(await found('has:link from:bob')).toHaveLength(1);
    expect(await found('from:bob')).toHaveLength(1);
    expect(await found(`budget before:${inBoard.sentAt}`)).toEqual([]);
    expect(await found(`budget after:${inBoard.sentAt}`)).toHaveLength(4);
    expect(await found('budget before:2026-03-01')).toEqual([]);
    expect(await found('budget in:nowhere')).toEqual([]);
  });

  it('shows nobody what they could not read', async () => {
    await add(board, said('confidential merger'));
    expect(await found('merger')).toEqual(['confidential merger']);
    for (const outsider of [guest, stranger]) {
      for (const text of ['merger', 'me', 'from:alice', 'in:board', 'has:link', '']) expect(await found(text, outsider)).toEqual([]);
    }
    await people.open(team, general, 'gus');
    await add(general, said('public merger rumour \u{e000}\u{e002}\u{f8ff}'));
    expect(await found('merger', guest)).toEqual(['public merger rumour \u{e000}\u{e002}\u{f8ff}']);
    const left = await people.member(team, 'leaver');
    expect(await found('rumour', left)).toHaveLength(1);
    await people.outbox.change(async (change) => removeMember(change, team, await getMember(change.queries, team, 'leaver')));
    expect(await found('rumour', left)).toEqual([]);
  });

  it('follows edits and deletions, and leaves joins out', async () => {
    const message = said('typpo here');
    await add(general, message, said('typpo', 'alice', { kind: 'join' }));
    const by = { target: message.id, nick: 'alice', account: 'alice', at: new Date(START).toISOString() };
    await editMessage(database, general.id, { ...by, id: 'edit-1', text: 'typo here' });
    expect(await found('typpo')).toEqual([]);
    expect(await found('typo here')).toEqual(['typo here']);
    await deleteMessage(database, general.id, by);
    expect(await found('typo here')).toEqual([]);
  });

  it('pages through many, each once', async () => {
    await add(general, ...Array.from({ length: 45 }, (_, index) => said(`needle ${index}`)));
    const texts: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await search(database, alice, parseQuery('needle'), { limit: 20, cursor });
      texts.push(...page.messages.map(({ text }) => text));
      cursor = page.next;
      if (!cursor) break;
    }
    expect(texts).toEqual(Array.from({ length: 45 }, (_, index) => `needle ${44 - index}`));
    const [first] = (await search(database, alice, parseQuery('needle'), { limit: 1 })).messages;
    expect(first).toMatchObject({ channelName: 'general', team: 'acme', channel: general.id });
  });

  it('takes anything that people type', async () => {
    for (const text of [
      '"',
      '*',
      'a OR b',
      '((',
      'text:x',
      'NEAR(a b)',
      "'; drop table messages",
      '%',
      '_',
      '\\',
      'in:',
      '-',
      '\u{0}abc',
    ]) {
      await expect(found(text)).resolves.toBeInstanceOf(Array);
    }
  });

  it('finds what was archived before there was an index of pairs', async () => {
    const old = await create(migrations.filter(({ name }) => name < '0012'));
    const those = new People(old);
    const oldTeam = await those.team('Old', 'irc');
    const channel = await those.channel(oldTeam, 'general');
    await old.insertInto('archive_channels').values({ channel_id: channel.id }).execute();
    const { number } = await old.selectFrom('archive_channels').select('number').executeTakeFirstOrThrow();
    const row = { channel: number, origin_id: null, sender: 'alice', nick: 'alice', account: null, original: null, reply_to: null };
    const rest = { attachment: null, has_link: 0, has_file: 0, sent_at: '2026-01-01T00:00:00.000Z', edited_at: null, deleted_at: null };
    const texts = ['plain', '会議は3月、𠮟咤 of 東京', 'ﾊﾝｶｸ', '会議'];
    const values = texts.map((text, index) => {
      const kind = text === '会議' ? ('join' as const) : ('text' as const);
      return { ...row, ...rest, kind, text, position: positionAt(START) + index, server_id: text } as MessagesTable;
    });
    await old.insertInto('messages').values(values).execute();
    await migrate(old, dialect, migrations);
    const reader = await those.member(oldTeam, 'reader');
    const outcome = async (text: string) =>
      (await search(old, reader, parseQuery(text), { scan: 1 })).messages.map((message) => message.text);
    for (const text of ['会議', '議は', 'は3', '月', '𠮟咤', '咤', '東京', '京']) expect(await outcome(text)).toEqual([texts[1]]);
    for (const text of ['月𠮟', '京会']) expect(await outcome(text)).toEqual([]);
    expect(await outcome('ﾊﾝ')).toEqual(['ﾊﾝｶｸ']);
  });
});
