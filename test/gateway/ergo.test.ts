import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareClient } from './support/bare-client.ts';
import type { Browser } from './support/browser.ts';
import { DOMAIN, House, irc, place, text } from './support/house.ts';

let house: House;
let alice: Browser;
let bob: Browser;
const alicesId = `alice@${DOMAIN}`;
const bobsId = `bob@${DOMAIN}`;

beforeAll(async () => {
  house = await House.open();
  alice = await house.member('alice', '#general');
  bob = await house.member('bob', '#general');
  await alice.hears(({ type, actor }) => type === 'join' && actor.name === 'bob', 'bob coming');
});
afterAll(() => house.close());

describe('rooms on Ergo', () => {
  it('join answers with topic, attendance and features; others hear it', async () => {
    await alice.says('message', irc('alice', 'join', { target: '#rooms' }));
    await alice.says(
      'message',
      irc('alice', 'update', { target: '#rooms', object: { type: 'topic', content: 'About: rooms : and more' } }),
    );
    const joined = await bob.says('message', irc('bob', 'join', { target: '#rooms', id: 'j1' }));
    expect(joined).toMatchObject({
      type: 'join',
      id: 'j1',
      actor: { id: bobsId },
      target: place('#rooms'),
      object: {
        type: 'room',
        topic: 'About: rooms : and more',
        topicBy: { name: 'alice' },
        members: expect.arrayContaining(['alice', 'bob']),
      },
    });
    expect(joined.object.attendance).toContainEqual(
      expect.objectContaining({ type: 'person', id: alicesId, name: 'alice', role: 'owner', account: 'alice' }),
    );
    for (const feature of ['history', 'reactions', 'replies', 'corrections', 'deletion', 'typing', 'markers', 'multiline']) {
      expect(joined.object.features).toContain(feature);
    }
    await alice.hears(({ type, actor, target }) => type === 'join' && actor.id === bobsId && target?.name === '#rooms', 'bob coming');
  });

  it('topic, role, kick, ban, invite and leave are done and heard', async () => {
    await alice.says('message', irc('alice', 'update', { target: '#rooms', object: { type: 'topic', content: 'new' } }));
    await bob.hears(({ type, object }) => type === 'update' && object?.type === 'topic' && object.content === 'new', 'the topic');

    const relationship = {
      type: 'relationship',
      relationship: 'role',
      subject: { type: 'presence', role: 'owner' },
      object: place('#rooms'),
    };
    await alice.says('message', irc('alice', 'add', { target: 'bob', object: relationship }));
    const rank = await bob.hears(({ type, object }) => type === 'add' && object?.type === 'relationship', 'the rank');
    expect(rank).toMatchObject({ actor: { name: 'alice' }, target: { name: 'bob' }, object: { subject: { role: 'owner' } } });
    await alice.says('message', irc('alice', 'remove', { target: 'bob', object: relationship }));
    await bob.hears(({ type, object }) => type === 'remove' && object?.type === 'relationship', 'the rank gone');

    await alice.says('message', irc('alice', 'kick', { target: '#rooms', object: { type: 'person', name: 'bob', content: 'be nice' } }));
    for (const who of [alice, bob]) {
      const gone = await who.hears(
        ({ type, actor, target }) => type === 'leave' && actor.name === 'bob' && target?.name === '#rooms',
        'a kick',
      );
      expect(gone.object).toMatchObject({ content: 'be nice', how: 'kick', by: { name: 'alice' } });
    }

    await alice.says('message', irc('alice', 'ban', { target: '#rooms', object: { type: 'person', name: 'bob' } }));
    await alice.hears(({ type }) => type === 'ban', 'the ban');
    const refused = await bob.asks('message', irc('bob', 'join', { target: '#rooms' }));
    expect(refused).toMatchObject({ type: 'join', errorCode: 'KOSMOS_ERR_SERVER_REFUSED' });
    await alice.says('message', irc('alice', 'unban', { target: '#rooms', object: { type: 'person', name: 'bob' } }));
    await alice.hears(({ type }) => type === 'unban', 'the ban lifted');

    await alice.says('message', irc('alice', 'invite', { target: '#rooms', object: { type: 'person', name: 'bob' } }));
    const invited = await bob.hears(({ type }) => type === 'invite', 'an invitation');
    expect(invited).toMatchObject({ actor: { name: 'alice' }, target: place('#rooms'), object: { name: 'bob' } });

    await bob.says('message', irc('bob', 'join', { target: '#rooms' }));
    await bob.says('message', irc('bob', 'leave', { target: '#rooms', object: { type: 'message', content: 'bye: all' } }));
    const left = await alice.hears(({ type, object }) => type === 'leave' && object?.how === 'leave', 'bob leaving');
    expect(left.object.content).toBe('bye: all');
  });

  it('who comes is told with the account, all ranks of a nick are known, those who rule hear of invitations, and real names change', async () => {
    const role = (name: string): object => ({
      ...{ type: 'relationship', relationship: 'role', subject: { type: 'presence', role: name }, object: place('#ranks') },
    });
    await alice.says('message', irc('alice', 'join', { target: '#ranks' }));
    await alice.says('message', irc('alice', 'add', { target: 'alice', object: role('participant') }));
    alice.forgets();
    await bob.says('message', irc('bob', 'join', { target: '#ranks' }));
    const comes = await alice.hears(({ type, target }) => type === 'join' && target?.name === '#ranks', 'bob coming');
    expect(comes.actor).toMatchObject({ id: bobsId, account: 'bob' });
    await alice.says('message', irc('alice', 'add', { target: 'bob', object: role('owner') }));
    await bob.hears(({ type, object }) => type === 'add' && object?.subject?.role === 'owner', 'the rank');
    const dan = await BareClient.join(house.ergo.port, 'dan', '#dan');
    await alice.says('message', irc('alice', 'invite', { target: '#ranks', object: { type: 'person', name: 'dan' } }));
    const invited = await bob.hears(({ type, object }) => type === 'invite' && object?.name === 'dan', 'the invitation of another');
    expect(invited).toMatchObject({ actor: { name: 'alice' }, target: place('#ranks') });
    dan.says('JOIN #ranks\r\nSETNAME :Dan the Man');
    const named = await bob.hears(({ actor, object }) => actor.name === 'dan' && object?.type === 'profile', 'the name');
    expect(named.object.name).toBe('Dan the Man');
    // Of `@+` the lower rank stays when the higher is taken.
    await bob.says('message', irc('bob', 'remove', { target: 'alice', object: role('owner') }));
    const { object } = await bob.says('message', irc('bob', 'query', { target: '#ranks', object: { type: 'attendance' } }));
    expect(object.attendance.find(({ name }: { name: string }) => name === 'alice')).toMatchObject({ role: 'participant' });
    dan.leaves();
  });

  it('modes that a room has are told as such', async () => {
    await alice.says('message', irc('alice', 'update', { target: '#rooms', object: { type: 'mode', content: '+m' } }));
    await alice.hears(({ object }) => object?.type === 'mode' && object.content === '+m', 'the mode');
  });

  it('what the server refuses fails with its words', async () => {
    const answers = await Promise.all([
      bob.asks('message', irc('bob', 'kick', { target: '#general', object: { type: 'person', name: 'alice' } })),
      bob.asks('message', irc('bob', 'update', { target: '#general', object: { type: 'topic', content: 'mine' } })),
      bob.asks('message', text('bob', 'nobody-of-that-name', 'hello?')),
      bob.asks('message', irc('bob', 'query', { target: 'nobody-of-that-name', object: { type: 'whois' } })),
    ]);
    for (const answer of answers) expect(answer.errorCode).toBe('KOSMOS_ERR_SERVER_REFUSED');
    expect(answers[2]?.error).toMatch(/no such nick/i);
    expect(await bob.asks('message', text('bob', '#elsewhere', 'hello?'))).toMatchObject({ errorCode: 'KOSMOS_ERR_NOT_IN_ROOM' });
  });
});

describe('messages on Ergo', () => {
  it('the acknowledgement and what the other hears are one message', async () => {
    const said = await alice.says('message', text('alice', '#general', 'see http://x/ : it works', { id: 'c-1' }));
    expect(said.object).toMatchObject({ type: 'message', content: 'see http://x/ : it works', originId: 'c-1' });
    const heard = await bob.hearsText('see http://x/ : it works');
    expect(heard).toMatchObject({
      type: 'send',
      context: 'irc',
      actor: { type: 'person', id: `alice@${DOMAIN}`, name: 'alice', account: 'alice' },
      target: place('#general'),
      object: { type: 'message', id: said.object.id },
      published: said.published,
    });
    expect(heard['@context']).toHaveLength(3);
  });

  it('texts, actions and notices', async () => {
    await alice.says('message', irc('alice', 'send', { target: '#general', object: { type: 'me', content: 'waves' } }));
    await bob.hears(({ object }) => object?.type === 'me' && object.content === 'waves', 'an action');
    await alice.says('message', text('alice', '#general', '/me also waves'));
    await bob.hears(({ object }) => object?.type === 'me' && object.content === 'also waves', 'an action');
    await alice.says('message', irc('alice', 'send', { target: '#general', object: { type: 'notice', content: 'note: this' } }));
    await bob.hears(({ object }) => object?.type === 'notice' && object.content === 'note: this', 'a notice');
  });

  it('what a service answers is heard, once, though it stands in the reply to what it was told', async () => {
    const said = await alice.says('message', text('alice', 'NickServ', 'HELP'));
    expect(said).toMatchObject({ actor: { id: alicesId }, target: { name: 'NickServ' }, object: { content: 'HELP' } });
    const answer = await alice.hears(({ actor, object }) => actor.name === 'NickServ' && object?.type === 'notice', 'the help');
    expect(answer).toMatchObject({ type: 'send', target: { type: 'person', id: alicesId } });
    await alice.says('message', text('alice', '#general', 'thank you'));
    expect(
      alice.heard.filter(({ object }) => object?.id === answer.object.id),
      'the same again',
    ).toEqual([]);
  });

  it('a direct message has a person as target', async () => {
    const said = await alice.says('message', text('alice', 'bob', 'psst'));
    expect(said).toMatchObject({ target: { type: 'person', name: 'bob' } });
    const heard = await bob.hearsText('psst');
    expect(heard).toMatchObject({ actor: { id: alicesId }, target: { type: 'person', id: bobsId }, object: { id: said.object.id } });
  });

  it('replies, reactions, corrections, deletions and typing refer to the id', async () => {
    const { object } = await alice.says('message', text('alice', '#general', 'first'));
    await bob.hearsText('first');
    const { id } = object;
    await bob.says('message', text('bob', '#general', 'answer', { replyTo: id }));
    expect((await alice.hearsText('answer')).object.replyTo).toBe(id);

    await bob.says('message', irc('bob', 'add', { target: '#general', object: { type: 'reaction', id, content: '👍' } }));
    await alice.hears(
      ({ type, object: it }) => type === 'add' && it?.type === 'reaction' && it.id === id && it.content === '👍',
      'a reaction',
    );
    await bob.says('message', irc('bob', 'remove', { target: '#general', object: { type: 'reaction', id, content: '👍' } }));
    await alice.hears(({ type, object: it }) => type === 'remove' && it?.id === id, 'the reaction taken back');

    await alice.says('message', irc('alice', 'update', { target: '#general', object: { type: 'message', id, content: 'first!' } }));
    const corrected = await bob.hears(({ type, object: it }) => type === 'update' && it?.type === 'message', 'a correction');
    expect(corrected.object).toMatchObject({ id, content: 'first!' });
    expect(corrected.object.correctionId).not.toBe(id);

    await alice.says('message', irc('alice', 'announce', { target: '#general', object: { type: 'typing', state: 'active' } }));
    await bob.hears(({ type, object: it }) => type === 'announce' && it?.state === 'active', 'typing');

    await alice.says('message', irc('alice', 'delete', { target: '#general', object: { type: 'message', id } }));
    await bob.hears(({ type, object: it }) => type === 'delete' && it?.id === id, 'a deletion');
  });

  it('long texts and texts of many lines arrive whole, as one message', async () => {
    for (const content of ['Grüße 世界 👩‍👩‍👧 '.repeat(120).trim(), 'one\n\n  three\nfour: :five', 'x'.repeat(2_000)]) {
      const said = await alice.says('message', text('alice', '#general', content));
      const heard = await bob.hearsText(content);
      expect(heard.object.id).toBe(said.object.id);
    }
  });

  it('a text longer than the server takes in one comes in parts, and nothing is lost', async () => {
    const content = Array.from({ length: 300 }, (_, index) => `line ${index} ${'y'.repeat(20)}`).join('\n');
    const said = await alice.says('message', text('alice', '#general', content));
    expect(said.object.parts.length).toBeGreaterThan(1);
    const parts: string[] = [];
    for (const part of said.object.parts as string[])
      parts.push((await bob.hears(({ object }) => object?.id === part, 'a part')).object.content);
    expect(parts.join('\n')).toBe(content);
  });

  it('attachments stand in the text as addresses', async () => {
    const attachments = [{ url: 'https://chat.example.org/storage/a.png', name: 'a.png', mediaType: 'image/png', size: 10 }];
    const said = await alice.says('message', text('alice', '#general', 'look', { attachments }));
    expect(said.object.attachments).toEqual(attachments);
    await bob.hearsText('look\nhttps://chat.example.org/storage/a.png');
  });
});

describe('oneself and others on Ergo', () => {
  it('away is told and stands in the attendance', async () => {
    await bob.says('message', irc('bob', 'update', { object: { type: 'presence', presence: 'away', content: 'lunch' } }));
    await alice.hears(({ actor, object }) => actor.name === 'bob' && object?.presence === 'away' && object.content === 'lunch', 'bob away');
    const { object } = await alice.says('message', irc('alice', 'query', { target: '#general', object: { type: 'attendance' } }));
    expect(object.members.sort()).toEqual(['alice', 'bob']);
    expect(object.attendance.find(({ name }: { name: string }) => name === 'bob')).toMatchObject({ away: 'lunch', account: 'bob' });
    await bob.says('message', irc('bob', 'update', { object: { type: 'presence', presence: 'online' } }));
    await alice.hears(({ actor, object: it }) => actor.name === 'bob' && it?.presence === 'online', 'bob back');
  });

  it('whois and the list of rooms', async () => {
    const { object } = await alice.says('message', irc('alice', 'query', { target: 'bob', object: { type: 'whois' } }));
    expect(object).toMatchObject({ type: 'person', name: 'bob', account: 'bob' });
    const rooms = await alice.says('message', irc('alice', 'query', { object: { type: 'rooms' } }));
    expect(rooms.object.items).toContainEqual(expect.objectContaining({ type: 'room', name: '#general', members: 2 }));
  });

  it('quit is a leave of all rooms', async () => {
    const carol = await house.member('carol', '#general');
    await carol.says('message', irc('carol', 'disconnect'));
    const gone = await alice.hears(({ type, actor }) => type === 'leave' && actor.name === 'carol', 'carol gone');
    expect(gone).toMatchObject({ target: { type: 'service', id: DOMAIN }, object: { how: 'quit', rooms: [`#general@${DOMAIN}`] } });
  });
});

describe('history on Ergo', () => {
  it('pages back and forth with both ends excluded, and tells when it ends', async () => {
    await alice.says('message', irc('alice', 'join', { target: '#history' }));
    const ids: string[] = [];
    for (let number = 1; number <= 7; number += 1) {
      ids.push((await alice.says('message', text('alice', '#history', `message ${number}`))).object.id);
    }
    await alice.says('message', irc('alice', 'add', { target: '#history', object: { type: 'reaction', id: ids[6], content: '🎉' } }));
    const ask = async (range: object): Promise<{ texts: string[]; complete: boolean }> => {
      const { object } = await alice.says('message', irc('alice', 'query', { target: '#history', object: { type: 'history', ...range } }));
      expect(object.type).toBe('collection');
      return { texts: object.items.map((item: { object: { content: string } }) => item.object.content), complete: object.complete };
    };
    expect(await ask({ limit: 3 })).toEqual({ texts: ['message 6', 'message 7', '🎉'], complete: false });
    expect(await ask({ before: ids[3], limit: 2 })).toEqual({ texts: ['message 2', 'message 3'], complete: false });
    expect(await ask({ before: ids[2], limit: 50 })).toEqual({ texts: ['message 1', 'message 2'], complete: true });
    expect(await ask({ after: ids[5], limit: 50 })).toEqual({ texts: ['message 7', '🎉'], complete: true });
    const items = (await alice.says('message', irc('alice', 'query', { target: '#history', object: { type: 'history', limit: 2 } }))).object
      .items;
    expect(items[1]).toMatchObject({ type: 'add', object: { type: 'reaction', id: ids[6] } });
  });

  it('of a direct conversation knows both sides', async () => {
    await alice.says('message', text('alice', 'bob', 'how are you?'));
    await bob.says('message', text('bob', 'alice', 'fine'));
    const { object } = await alice.says('message', irc('alice', 'query', { target: 'bob', object: { type: 'history', limit: 2 } }));
    expect(object.items.map((item: { actor: { name: string }; target: { name: string } }) => [item.actor.name, item.target.name])).toEqual([
      ['alice', 'bob'],
      ['bob', 'alice'],
    ]);
  });

  it('the read marker is kept by the server and heard by the other socket of the account', async () => {
    const other = await house.browser('alice');
    await house.enter(other, 'alice', '#general');
    const said = await bob.says('message', text('bob', '#general', 'read me'));
    await alice.says('message', irc('alice', 'read', { target: '#general', object: { type: 'marker', id: said.object.id } }));
    const heard = await other.hears(({ type }) => type === 'read', 'the marker');
    expect(heard).toMatchObject({ target: { name: '#general' }, object: { type: 'marker', published: said.published } });
    other.leaves();
  });
});
