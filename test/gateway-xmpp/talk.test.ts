import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Activity } from '../../server/gateway/platforms/platform.ts';
import { codeOf, Member } from './support/member.ts';
import { DOMAIN, Prosody, ROOMS } from './support/prosody.ts';

let prosody: Prosody;
const members: Member[] = [];

beforeAll(async () => {
  prosody = await Prosody.start({ accounts: ['alice', 'bob', 'carol'] });
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.goes()));
});
afterAll(() => prosody.remove());

async function member(name: string, rooms: readonly string[] = [], resource?: string): Promise<Member> {
  const one = new Member(prosody, name, resource === undefined ? {} : { resource });
  members.push(one);
  await one.connects();
  for (const room of rooms) await one.joins(room);
  return one;
}

const occupant = (room: string, nick: string): string => `${room}@${ROOMS}/${nick}`;

describe('in a room', () => {
  test('alice and bob talk, and each sees the same ids', async () => {
    const alice = await member('alice', ['#general']);
    const bob = await member('bob', ['#general']);
    await alice.hears({ type: 'join', actor: { id: occupant('general', 'bob'), account: 'bob' }, object: { role: 'participant' } });

    const sent = await alice.says('#general', 'Hello & <goodbye> 😀\nsecond line', { id: 'c-17' });
    expect(sent).toMatchObject({ type: 'message', content: 'Hello & <goodbye> 😀\nsecond line', originId: 'c-17' });
    const heard = await bob.hears({ type: 'send', actor: { name: 'alice', account: 'alice' }, object: { content: sent['content'] } });
    expect(heard).toMatchObject({ target: { type: 'room', id: `general@${ROOMS}`, name: 'general' }, object: { id: sent.id } });
    expect(sent.id).not.toBe('c-17');
    expect(alice.texts()).toEqual([]);

    await bob.does('send', '#general', { type: 'me', content: 'waves' });
    await alice.hears({ type: 'send', object: { type: 'me', content: 'waves' } });
  });

  test('a join is answered with the whole state of the room, a second one too', async () => {
    const alice = await member('alice', ['#state']);
    await alice.does('update', '#state', { type: 'topic', content: 'Welcome' });
    const bob = await member('bob', ['#state']);
    const state = await bob.joins('#state');
    expect(state).toMatchObject({ type: 'room', topic: 'Welcome' });
    expect(state['members']).toEqual(expect.arrayContaining(['alice', 'bob']));
    expect(state['features']).toEqual(expect.arrayContaining(['history', 'reactions', 'replies', 'deletion', 'upload']));
    expect(state['attendance']).toContainEqual(
      expect.objectContaining({ id: occupant('state', 'alice'), name: 'alice', account: 'alice', role: 'owner' }),
    );
    const joined = bob.session.snapshot().find(({ type }) => type === 'join');
    expect(joined).toMatchObject({ target: { id: `state@${ROOMS}` }, object: { topic: 'Welcome' } });
  });

  test('bob corrects himself, thinks better of it and deletes', async () => {
    const alice = await member('alice', ['#edits']);
    const bob = await member('bob', ['#edits']);
    const { id } = await bob.says('#edits', 'teh fox');
    await alice.hears({ type: 'send', object: { id } });

    const corrected = await bob.does('update', '#edits', { type: 'message', id, content: 'the fox' });
    expect(corrected).toMatchObject({ type: 'update', object: { id, content: 'the fox' } });
    const heard = await alice.hears({ type: 'update', actor: { name: 'bob' }, object: { id, content: 'the fox' } });
    expect(heard.object?.['correctionId']).toBe(corrected?.object?.['correctionId']);

    await bob.does('delete', '#edits', { type: 'message', id });
    await alice.hears({ type: 'delete', actor: { name: 'bob' }, object: { id } });
  });

  test('reactions come and go, each alone', async () => {
    const alice = await member('alice', ['#reactions']);
    const bob = await member('bob', ['#reactions']);
    const { id } = await alice.says('#reactions', 'Cake in the kitchen');
    const answer = await bob.does('add', '#reactions', { type: 'reaction', id, content: '🍰' });
    expect(answer).toMatchObject({ type: 'add', object: { type: 'reaction', id, content: '🍰' } });
    await alice.hears({ type: 'add', actor: { name: 'bob' }, object: { id, content: '🍰' } });
    await bob.does('add', '#reactions', { type: 'reaction', id, content: '👍' });
    await alice.hears({ type: 'add', object: { id, content: '👍' } });
    await bob.does('remove', '#reactions', { type: 'reaction', id, content: '🍰' });
    await alice.hears({ type: 'remove', object: { id, content: '🍰', all: { 0: '👍' } } });
    expect(alice.inbox.filter(({ object }) => object?.type === 'reaction')).toEqual([]);
  });

  test('bob replies, and the quote for old clients stays out of sight', async () => {
    const alice = await member('alice', ['#replies']);
    const bob = await member('bob', ['#replies']);
    const { id } = await alice.says('#replies', 'Where shall we 😀 meet?');
    await bob.hears({ type: 'send', object: { id } });
    await bob.says('#replies', 'At the pier', { replyTo: id });
    const heard = await alice.hears({ type: 'send', actor: { name: 'bob' } });
    expect(heard.object).toMatchObject({ content: 'At the pier', replyTo: id });
  });

  test('alice types, stops and reads', async () => {
    const alice = await member('alice', ['#typing']);
    const bob = await member('bob', ['#typing']);
    await alice.does('announce', '#typing', { type: 'typing', state: 'active' });
    await bob.hears({ type: 'announce', actor: { name: 'alice' }, object: { state: 'active' } });
    await alice.does('announce', '#typing', { type: 'typing', state: 'done' });
    await bob.hears({ type: 'announce', object: { state: 'done' } });
    const { id } = await bob.says('#typing', 'hello');
    await alice.hears({ type: 'send', object: { id } });
    await alice.does('read', '#typing', { type: 'marker', id });
    await bob.hears({ type: 'read', actor: { name: 'alice' }, object: { type: 'marker', id } });
  });

  test('files come with their names', async () => {
    const alice = await member('alice', ['#files']);
    const bob = await member('bob', ['#files']);
    const attachments = [
      { url: 'https://files.example/a.png', name: 'a.png', mediaType: 'image/png', size: 123 },
      { url: 'https://files.example/b.txt' },
    ];
    await alice.says('#files', 'two files', { attachments });
    expect((await bob.hears({ type: 'send' })).object).toMatchObject({ content: 'two files', attachments });
  });

  test('alice renames the room’s topic, her nick and her state', async () => {
    const alice = await member('alice', ['#changes']);
    const bob = await member('bob', ['#changes']);
    await alice.does('update', '#changes', { type: 'topic', content: 'Cake' });
    await bob.hears({ type: 'update', actor: { name: 'alice' }, object: { type: 'topic', content: 'Cake' } });
    await alice.hears({ type: 'update', object: { type: 'topic', content: 'Cake' } });
    await alice.does('update', undefined, { type: 'presence', presence: 'away', content: 'lunch' });
    await bob.hears({ type: 'update', actor: { name: 'alice' }, object: { type: 'presence', presence: 'away', content: 'lunch' } });
    const { attendance } = await bob.asks({ type: 'attendance' }, '#changes');
    expect(attendance).toContainEqual(expect.objectContaining({ name: 'alice', away: 'lunch' }));
    await alice.does('update', { type: 'person', id: 'alice', name: 'alicia' }, { type: 'address' });
    await bob.hears({ type: 'update', actor: { name: 'alice' }, target: { name: 'alicia' }, object: { type: 'address' } });
  });

  test('alice throws bob out, bans him, lets him in again and makes him a member', async () => {
    const alice = await member('alice', ['#order']);
    const bob = await member('bob', ['#order']);
    await alice.does('kick', '#order', { type: 'person', name: 'bob', content: 'be nice' });
    const kicked = { type: 'leave', object: { how: 'kick', content: 'be nice', by: { name: 'alice' } } };
    await bob.hears({ ...kicked, actor: { name: 'bob' } });
    await alice.hears({ ...kicked, actor: { name: 'bob', account: 'bob' } });
    expect(await codeOf(bob.says('#order', 'hello?'))).toBe('KOSMOS_ERR_NOT_IN_ROOM');

    await bob.joins('#order');
    await alice.does('ban', '#order', { type: 'person', name: 'bob' });
    await bob.hears({ type: 'leave', object: { how: 'ban' } });
    await expect(bob.joins('#order')).rejects.toMatchObject({ code: 'KOSMOS_ERR_SERVER_REFUSED', condition: 'forbidden' });
    expect((await alice.asks({ type: 'affiliations', role: 'outcast' }, '#order'))['items']).toMatchObject([{ id: `bob@${DOMAIN}` }]);

    await alice.does('unban', '#order', { type: 'person', id: `bob@${DOMAIN}` });
    await bob.joins('#order');
    const role = (name: string) => ({ type: 'relationship', relationship: 'role', subject: { type: 'presence', role: name }, object: room });
    const room = { type: 'room', id: `order@${ROOMS}` };
    await alice.does('add', 'bob', role('member'));
    await bob.hears({ type: 'add', target: { name: 'bob' }, object: { relationship: 'role', subject: { role: 'member' } } });
    await expect(bob.does('kick', '#order', { type: 'person', name: 'alice' })).rejects.toThrow(/not removed from order: (?:not allowed|forbidden)/);
  });

  test('alice invites carol through the room', async () => {
    const carol = await member('carol');
    const alice = await member('alice', ['#party']);
    await alice.does('invite', '#party', { type: 'person', name: 'carol', content: 'cake!' });
    await carol.hears({ type: 'invite', actor: { id: `alice@${DOMAIN}` }, target: { id: `party@${ROOMS}` }, object: { content: 'cake!' } });
  });

  test('bob leaves, alice hears it, and he hears no more', async () => {
    const alice = await member('alice', ['#leaving']);
    const bob = await member('bob', ['#leaving']);
    await bob.does('leave', '#leaving', { type: 'message', content: 'tired' });
    await alice.hears({ type: 'leave', actor: { name: 'bob' }, object: { how: 'leave', content: 'tired' } });
    expect(bob.session.snapshot()).toHaveLength(1);
    expect(await codeOf(bob.says('#leaving', 'x'))).toBe('KOSMOS_ERR_NOT_IN_ROOM');
  });

  test('history goes back and forth in order, both ends excluded', async () => {
    const alice = await member('alice', ['#history']);
    const ids: string[] = [];
    for (let number = 1; number <= 12; number++) ids.push((await alice.says('#history', `message ${number}`)).id as string);
    await alice.does('update', '#history', { type: 'message', id: ids[11], content: 'message twelve' });
    await alice.does('add', '#history', { type: 'reaction', id: ids[10], content: '👍' });
    const bob = await member('bob', ['#history']);
    const ask = (object: object): Promise<{ items: Activity[]; complete: boolean }> =>
      bob.asks({ type: 'history', ...object }, '#history') as Promise<unknown> as Promise<{ items: Activity[]; complete: boolean }>;
    const contents = ({ items }: { items: Activity[] }): unknown[] => items.map(({ object }) => object?.['content']);

    const newest = await ask({ limit: 4 });
    expect(contents(newest)).toEqual(['message 11', 'message 12', 'message twelve', '👍']);
    expect(newest.complete).toBe(false);
    expect(newest.items[2]).toMatchObject({ type: 'update', object: { id: ids[11] } });
    expect(newest.items[3]).toMatchObject({ type: 'add', actor: { name: 'alice', account: 'alice' }, object: { id: ids[10] } });
    expect(contents(await ask({ limit: 3, before: ids[10] }))).toEqual(['message 8', 'message 9', 'message 10']);
    expect(contents(await ask({ limit: 3, after: ids[0] }))).toEqual(['message 2', 'message 3', 'message 4']);
    const oldest = await ask({ limit: 50, before: ids[3] });
    expect(contents(oldest)).toEqual(['message 1', 'message 2', 'message 3']);
    expect(oldest.complete).toBe(true);
    const published = oldest.items[0]?.published;
    expect(published).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect((await ask({ limit: 200, after: published })).items).not.toContainEqual(expect.objectContaining({ published }));
    await expect(ask({ limit: 3, before: 'no-such-id' })).rejects.toMatchObject({ condition: 'item-not-found' });
    expect(bob.texts()).toEqual([]);
  });

  test('the rooms of the server can be listed and looked for', async () => {
    const alice = await member('alice', ['#listed-one', '#listed-two']);
    await alice.does('update', '#listed-one', { type: 'topic', content: 'about one' });
    const all = await alice.asks({ type: 'rooms' });
    expect(all['items']).toEqual(expect.arrayContaining([expect.objectContaining({ id: `listed-two@${ROOMS}`, members: 1 })]));
    const { items, complete } = await alice.asks({ type: 'rooms', content: '*one' });
    expect(items).toEqual([expect.objectContaining({ id: `listed-one@${ROOMS}`, name: 'listed-one' })]);
    expect(complete).toBe(true);
  });

  test('two members whisper inside a room', async () => {
    const alice = await member('alice', ['#whisper']);
    const bob = await member('bob', ['#whisper']);
    await alice.says(occupant('whisper', 'bob'), 'psst');
    await bob.hears({ type: 'send', actor: { id: occupant('whisper', 'alice') }, target: { id: `bob@${DOMAIN}` }, object: { content: 'psst' } });
  });
});

describe('between two', () => {
  test('a message, its correction, a reaction, a reply, a deletion and a mark', async () => {
    const alice = await member('alice');
    const bob = await member('bob');
    const sent = await alice.says('bob', 'Hello Bob', { id: 'd-1' });
    expect(sent).toMatchObject({ originId: 'd-1' });
    const heard = await bob.hears({ type: 'send', actor: { id: `alice@${DOMAIN}` }, target: { id: `bob@${DOMAIN}` } });
    const id = heard.object?.id;
    await alice.does('update', 'bob', { type: 'message', id: sent.id, content: 'Hello Robert' });
    await bob.hears({ type: 'update', object: { id, content: 'Hello Robert' } });
    await bob.does('add', 'alice', { type: 'reaction', id, content: '❤️' });
    await alice.hears({ type: 'add', actor: { id: `bob@${DOMAIN}` }, object: { id: sent.id, content: '❤️' } });
    await bob.says('alice', 'Hello yourself', { replyTo: id });
    await alice.hears({ type: 'send', object: { content: 'Hello yourself', replyTo: sent.id } });
    await bob.does('announce', 'alice', { type: 'typing', state: 'active' });
    await alice.hears({ type: 'announce', object: { state: 'active' } });
    await bob.does('read', 'alice', { type: 'marker', id });
    await alice.hears({ type: 'read', object: { id: sent.id } });
    await alice.does('delete', 'bob', { type: 'message', id: sent.id });
    await bob.hears({ type: 'delete', object: { id } });
  });

  test('the archive tells it again with the same ids', async () => {
    const alice = await member('alice');
    const bob = await member('bob');
    const sent = await alice.says('bob', 'for the record');
    const { items } = await alice.asks({ type: 'history', limit: 5 }, 'bob');
    expect((items as Activity[]).at(-1)).toMatchObject({ actor: { id: `alice@${DOMAIN}` }, target: { id: `bob@${DOMAIN}` }, object: { id: sent.id } });
    const heard = await bob.hears({ type: 'send', object: { content: 'for the record' } });
    const theirs = await bob.asks({ type: 'history', limit: 5 }, 'alice');
    expect((theirs['items'] as Activity[]).at(-1)).toMatchObject({ object: { id: heard.object?.id } });
  });

  test('another client of alice sees what she sends and gets', async () => {
    const phone = await member('alice', [], 'phone');
    const desk = await member('alice', [], 'desk');
    const bob = await member('bob');
    await desk.says('bob', 'from my desk', { id: 'desk-1' });
    const copy = await phone.hears({ type: 'send', actor: { id: `alice@${DOMAIN}` }, target: { id: `bob@${DOMAIN}` } });
    expect(copy.object).toMatchObject({ content: 'from my desk', originId: 'desk-1' });
    await bob.says('alice', 'got it');
    await phone.hears({ type: 'send', actor: { id: `bob@${DOMAIN}` }, object: { content: 'got it' } });
    const { object } = await desk.hears({ type: 'send', object: { content: 'got it' } });
    await desk.does('read', 'bob', { type: 'marker', id: object?.id });
    await phone.hears({ type: 'read', actor: { id: `alice@${DOMAIN}` }, target: { id: `bob@${DOMAIN}` }, object: { id: object?.id } });
  });

  test('a message to nobody is an error that says so', async () => {
    const alice = await member('alice');
    await expect(alice.says('nobody', 'hello?')).rejects.toThrow(/the message was not sent: service unavailable/);
  });
});

describe('contacts', () => {
  test('alice and bob become friends, see each other and part', async () => {
    const alice = await member('alice');
    const bob = await member('bob');
    await alice.does('request-friend', 'bob');
    await bob.hears({ type: 'request-friend', actor: { id: `alice@${DOMAIN}` }, target: { id: `bob@${DOMAIN}` } });
    await bob.does('make-friend', 'alice');
    await alice.hears({ type: 'make-friend', actor: { id: `bob@${DOMAIN}` } });
    await alice.hears({ type: 'request-friend', actor: { id: `bob@${DOMAIN}` } });
    await alice.does('make-friend', 'bob');
    await bob.hears({ type: 'make-friend', actor: { id: `alice@${DOMAIN}` } });
    await bob.does('update', undefined, { type: 'presence', presence: 'dnd', content: 'deep work' });
    await alice.hears({ type: 'update', actor: { id: `bob@${DOMAIN}` }, object: { type: 'presence', presence: 'dnd', content: 'deep work' } });
    const { items } = await alice.asks({ type: 'roster' });
    expect(items).toEqual([expect.objectContaining({ id: `bob@${DOMAIN}`, subscription: 'both', presence: 'dnd' })]);
    await alice.does('remove-friend', 'bob');
    await alice.hears({ type: 'remove', target: { id: `bob@${DOMAIN}` }, object: { relationship: 'contact' } });
    await bob.hears({ type: 'remove-friend', actor: { id: `alice@${DOMAIN}` } });
    expect((await alice.asks({ type: 'roster' }))['items']).toEqual([]);
  });

  test('alice blocks carol and thinks better of it', async () => {
    const alice = await member('alice');
    const carol = await member('carol');
    await alice.does('block', 'carol');
    expect((await alice.asks({ type: 'blocked' }))['items']).toMatchObject([{ id: `carol@${DOMAIN}` }]);
    await expect(carol.says('alice', 'hello?')).rejects.toThrow(/not sent/);
    await alice.does('unblock', 'carol');
    await carol.says('alice', 'hello!');
    await alice.hears({ type: 'send', object: { content: 'hello!' } });
    expect(alice.texts()).toEqual([]);
  });

  test('profiles have a name and a picture', async () => {
    const alice = await member('alice', ['#profiles']);
    const bob = await member('bob', ['#profiles']);
    const avatar = { data: Buffer.from('not really a picture').toString('base64'), mediaType: 'image/png' };
    await alice.does('update', undefined, { type: 'profile', name: 'Alice Liddell', avatar });
    expect(await bob.asks({ type: 'profile' }, 'alice')).toEqual({ type: 'profile', name: 'Alice Liddell', avatar });
    const person = await bob.asks({ type: 'whois' }, occupant('profiles', 'alice'));
    expect(person).toMatchObject({ name: 'alice', account: 'alice', content: 'Alice Liddell', rooms: [{ name: 'profiles' }] });
  });
});

describe('the rest', () => {
  test('bookmarks are kept and told to the other clients', async () => {
    const desk = await member('alice', [], 'desk');
    const phone = await member('alice', [], 'phone');
    await desk.does('add', '#kept', { type: 'bookmark', name: 'Kept', nick: 'al' });
    await phone.hears({ type: 'add', target: { id: `kept@${ROOMS}` }, object: { type: 'bookmark', name: 'Kept', nick: 'al', autojoin: true } });
    expect((await phone.asks({ type: 'bookmarks' }))['items']).toMatchObject([{ id: `kept@${ROOMS}`, nick: 'al' }]);
    await desk.does('remove', '#kept', { type: 'bookmark' });
    await phone.hears({ type: 'remove', target: { id: `kept@${ROOMS}` }, object: { type: 'bookmark' } });
  });

  test('a slot for an upload, and none for what is too large', async () => {
    const alice = await member('alice');
    const slot = await alice.asks({ type: 'upload', name: 'cat.png', size: 1_000, mediaType: 'image/png' });
    expect(slot).toMatchObject({ url: expect.stringContaining('cat.png'), headers: { Authorization: expect.stringContaining('Bearer') } });
    const put = new URL(slot['putUrl'] as string);
    const answer = await fetch(`http://127.0.0.1:${prosody.httpPort}${put.pathname}`, {
      method: 'PUT',
      body: Buffer.alloc(1_000),
      headers: { host: DOMAIN, 'content-type': 'image/png', ...(slot['headers'] as Record<string, string>) },
    });
    expect(answer.status).toBe(201);
    expect(await codeOf(alice.asks({ type: 'upload', name: 'film.mp4', size: 1e9 }))).toBe('KOSMOS_ERR_TOO_LARGE');
  });

  test('what makes no sense is refused by code, and the session lives on', async () => {
    const alice = await member('alice', ['#sense']);
    expect(await codeOf(alice.does('dance', '#sense'))).toBe('KOSMOS_ERR_VERB_UNKNOWN');
    expect(await codeOf(alice.does('query', '#sense', { type: 'weather' }))).toBe('KOSMOS_ERR_NOT_SUPPORTED');
    expect(await codeOf(alice.does('send', { type: 'person', id: 'a b@c' }, { type: 'message', content: 'x' }))).toBe('KOSMOS_ERR_VALIDATION');
    expect(await codeOf(alice.does('send', '#sense', { type: 'message' }))).toBe('KOSMOS_ERR_VALIDATION');
    expect(await codeOf(alice.does('join', { type: 'room', id: 'room@nowhere.invalid' }))).toBe('KOSMOS_ERR_SERVER_REFUSED');
    expect(await alice.says('#sense', 'still here')).toMatchObject({ content: 'still here' });
  });
});
