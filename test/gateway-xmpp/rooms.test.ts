import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Activity } from '../../server/gateway/platforms/platform.ts';
import type { XmppSession } from '../../server/gateway/platforms/xmpp/session.ts';
import { xml } from '../../server/gateway/platforms/xmpp/xml/element.ts';
import { codeOf, Member } from './support/member.ts';
import { DOMAIN, hasModeration, MODERN_ROOMS, Prosody, ROOMS } from './support/prosody.ts';

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

  const moderated: readonly (readonly [string, string])[] = [
    ...(hasModeration ? [['XEP-0425 as Debian’s module has it', `moderated@${ROOMS}`] as const] : []),
    ['the newer XEP-0425', `moderated@${MODERN_ROOMS}`],
  ];
  test.each(moderated)('%s: alice, who made the room, deletes what bob wrote; he cannot do so to her', async (_, id) => {
    const room = { type: 'room', id, name: 'moderated' };
    const [alice, bob, carol] = [await member('alice'), await member('bob'), await member('carol')];
    for (const one of [alice, bob, carol]) await one.does('join', room);
    const spam = await bob.does('send', room, { type: 'message', content: 'BUY NOW' });
    const target = { type: 'message', id: spam?.object?.id };
    await alice.hears({ type: 'send', object: { id: target.id } });
    await alice.does('delete', room, { ...target, content: 'spam' });
    for (const one of [alice, bob, carol]) {
      await one.hears({ type: 'delete', actor: { name: 'alice' }, target: { id }, object: { ...target, content: 'spam' } });
    }
    const hers = await alice.does('send', room, { type: 'message', content: 'Thank you' });
    await bob.hears({ type: 'send', object: { id: hers?.object?.id } });
    const refused = bob.does('delete', room, { type: 'message', id: hers?.object?.id });
    await expect(refused).rejects.toMatchObject({ code: 'KOSMOS_ERR_SERVER_REFUSED', condition: 'forbidden' });
  });

  test.skipIf(!hasModeration)('what a moderator deleted is not told again by the archive', async () => {
    const alice = await member('alice', ['#tombs']);
    const bob = await member('bob', ['#tombs']);
    const { id } = await bob.says('#tombs', 'BUY NOW');
    await alice.hears({ type: 'send', object: { id } });
    await alice.does('delete', '#tombs', { type: 'message', id, content: 'spam' });
    const { items } = await bob.asks({ type: 'history' }, '#tombs');
    expect(items).toContainEqual(expect.objectContaining({ type: 'delete', object: { type: 'message', id } }));
    expect(JSON.stringify(items)).not.toContain('BUY NOW');
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
    const role = (name: string) => ({
      type: 'relationship',
      relationship: 'role',
      subject: { type: 'presence', role: name },
      object: room,
    });
    const room = { type: 'room', id: `order@${ROOMS}` };
    await alice.does('add', 'bob', role('member'));
    await bob.hears({ type: 'add', target: { name: 'bob' }, object: { relationship: 'role', subject: { role: 'member' } } });
    await expect(bob.does('kick', '#order', { type: 'person', name: 'alice' })).rejects.toThrow(
      /not removed from order: (?:not allowed|forbidden)/,
    );
  });

  test('alice invites carol through the room', async () => {
    const carol = await member('carol');
    const alice = await member('alice', ['#party']);
    await alice.does('invite', '#party', { type: 'person', name: 'carol', content: 'cake!' });
    await carol.hears({ type: 'invite', actor: { id: `alice@${DOMAIN}` }, target: { id: `party@${ROOMS}` }, object: { content: 'cake!' } });
  });

  test('where the room passes on no invitations of bob’s, he invites carol himself', async () => {
    const carol = await member('carol');
    const alice = await member('alice', ['#closed']);
    const bob = await member('bob', ['#closed']);
    const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
    const settings = [field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'), field('muc#roomconfig_membersonly', '1')];
    const form = xml(
      'query',
      { xmlns: 'http://jabber.org/protocol/muc#owner' },
      xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, settings),
    );
    const owner = alice.session as XmppSession;
    await alice.does('add', 'bob', {
      type: 'relationship',
      relationship: 'role',
      subject: { type: 'presence', role: 'member' },
      object: { type: 'room', id: `closed@${ROOMS}` },
    });
    await owner.connection.request('set', `closed@${ROOMS}`, form, 'not configured');
    await bob.does('invite', '#closed', { type: 'person', name: 'carol', content: 'psst' });
    await carol.hears({ type: 'invite', actor: { id: `bob@${DOMAIN}` }, target: { id: `closed@${ROOMS}` }, object: { content: 'psst' } });
    await expect(carol.joins('#closed')).rejects.toMatchObject({ condition: 'registration-required' });
  });

  test('messages keep their order, though the second answers to one that must be looked up', async () => {
    const alice = await member('alice', ['#order-of-talk']);
    const { id } = await alice.says('#order-of-talk', 'long ago');
    const bob = await member('bob', ['#order-of-talk']);
    await Promise.all([
      bob.says('#order-of-talk', 'one'),
      bob.says('#order-of-talk', 'two', { replyTo: id }),
      bob.says('#order-of-talk', 'three'),
      bob.says('#order-of-talk', 'four'),
    ]);
    await alice.hears({ type: 'send', object: { content: 'four' } });
    expect(alice.texts()).toEqual(['one', 'two', 'three']);
    expect(alice.inbox.find(({ object }) => object?.['content'] === 'two')?.object).toMatchObject({ replyTo: id });
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
    await bob.hears({
      type: 'send',
      actor: { id: occupant('whisper', 'alice') },
      target: { id: `bob@${DOMAIN}` },
      object: { content: 'psst' },
    });
  });
});
