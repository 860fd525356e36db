import http from 'node:http';
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

function put(address: string, body: Buffer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method: 'PUT', headers: { ...headers, 'content-length': body.length } });
    request.once('response', (answer) => resolve(answer.resume().statusCode ?? 0)).once('error', reject);
    request.end(body);
  });
}

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
    expect((items as Activity[]).at(-1)).toMatchObject({
      actor: { id: `alice@${DOMAIN}` },
      target: { id: `bob@${DOMAIN}` },
      object: { id: sent.id },
    });
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
    await alice.hears({
      type: 'update',
      actor: { id: `bob@${DOMAIN}` },
      object: { type: 'presence', presence: 'dnd', content: 'deep work' },
    });
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
    await phone.hears({
      type: 'add',
      target: { id: `kept@${ROOMS}` },
      object: { type: 'bookmark', name: 'Kept', nick: 'al', autojoin: true },
    });
    expect((await phone.asks({ type: 'bookmarks' }))['items']).toMatchObject([{ id: `kept@${ROOMS}`, nick: 'al' }]);
    await desk.does('remove', '#kept', { type: 'bookmark' });
    await phone.hears({ type: 'remove', target: { id: `kept@${ROOMS}` }, object: { type: 'bookmark' } });
  });

  test('a slot for an upload, and none for what is too large', async () => {
    const alice = await member('alice');
    const slot = await alice.asks({ type: 'upload', name: 'cat.png', size: 1_000, mediaType: 'image/png' });
    expect(slot).toMatchObject({ url: expect.stringContaining('cat.png'), headers: { Authorization: expect.stringContaining('Bearer') } });
    const status = await put(`http://127.0.0.1:${prosody.httpPort}${new URL(slot['putUrl'] as string).pathname}`, Buffer.alloc(1_000), {
      host: DOMAIN,
      'content-type': 'image/png',
      ...(slot['headers'] as Record<string, string>),
    });
    expect(status).toBe(201);
    expect(await codeOf(alice.asks({ type: 'upload', name: 'film.mp4', size: 1e9 }))).toBe('KOSMOS_ERR_TOO_LARGE');
  });

  test('what makes no sense is refused by code, and the session lives on', async () => {
    const alice = await member('alice', ['#sense']);
    expect(await codeOf(alice.does('dance', '#sense'))).toBe('KOSMOS_ERR_VERB_UNKNOWN');
    expect(await codeOf(alice.does('query', '#sense', { type: 'weather' }))).toBe('KOSMOS_ERR_NOT_SUPPORTED');
    expect(await codeOf(alice.does('send', { type: 'person', id: 'a b@c' }, { type: 'message', content: 'x' }))).toBe(
      'KOSMOS_ERR_VALIDATION',
    );
    expect(await codeOf(alice.does('send', '#sense', { type: 'message' }))).toBe('KOSMOS_ERR_VALIDATION');
    expect(await codeOf(alice.does('join', { type: 'room', id: 'room@nowhere.invalid' }))).toBe('KOSMOS_ERR_SERVER_REFUSED');
    expect(await alice.says('#sense', 'still here')).toMatchObject({ content: 'still here' });
  });
});
