import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, Member } from './support/member.ts';
import { DOMAIN, Prosody, ROOMS } from './support/prosody.ts';
import { frame, Wire } from './support/wire.ts';

let prosody: Prosody;
let wire: Wire;
const members: Member[] = [];

beforeAll(async () => {
  prosody = await Prosody.start({ accounts: ['alice', 'bob'], isPlain: true });
  wire = await Wire.to(prosody.httpPort);
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.goes()));
});
afterAll(async () => {
  await wire.remove();
  await prosody.remove();
});

/** Alice sits behind the wire, bob beside the server. */
async function pair(room: string): Promise<[alice: Member, bob: Member]> {
  const alice = new Member(prosody, 'alice', { resolve: () => Promise.resolve({ host: '127.0.0.1', port: wire.port }) });
  const bob = new Member(prosody, 'bob');
  members.push(alice, bob);
  await Promise.all([alice.connects(), bob.connects()]);
  await alice.joins(room);
  await bob.joins(room);
  await alice.hears({ type: 'join', actor: { name: 'bob' } });
  return [alice, bob];
}

describe('a small server without archives, carbons and stream management', () => {
  test('alice and bob talk all the same', async () => {
    const [alice, bob] = await pair('#plain');
    const sent = await alice.says('#plain', 'Hello', { id: 'p-1' });
    await bob.hears({ type: 'send', object: { content: 'Hello', id: sent.id } });
    expect(await alice.says('bob', 'Hello you', { id: 'p-2' })).toMatchObject({ content: 'Hello you', id: 'p-2', originId: 'p-2' });
    await bob.hears({ type: 'send', actor: { id: `alice@${DOMAIN}` }, object: { content: 'Hello you', id: 'p-2' } });
  });

  test('it says what it cannot do', async () => {
    const [alice] = await pair('#little');
    const { features } = await alice.joins('#little');
    expect(features).toEqual(['corrections', 'typing', 'markers', 'multiline', 'invitations']);
    expect(await codeOf(alice.asks({ type: 'history' }, '#little'))).toBe('KOSMOS_ERR_NOT_SUPPORTED');
    expect(await codeOf(alice.asks({ type: 'upload', name: 'a', size: 1 }))).toBe('KOSMOS_ERR_NOT_SUPPORTED');
    expect(await codeOf(alice.does('add', '#little', { type: 'reaction', id: 'x', content: '👍' }))).toBe('KOSMOS_ERR_NOT_SUPPORTED');
  });

  test('after the server died alice is back in her room', async () => {
    const [alice, bob] = await pair('#back');
    const [from, bobFrom] = [alice.states.length, bob.states.length];
    await prosody.kill();
    await prosody.boot();
    await Promise.all([alice.is('connected', from), bob.is('connected', bobFrom)]);
    await bob.says('#back', 'back');
    await alice.hears({ type: 'send', object: { content: 'back' } });
  });
});

describe('the service of the rooms stops, while the connection stays', () => {
  test('alice goes in again by herself', async () => {
    const [alice, bob] = await pair('#stopped');
    const codes = '<status code="110"/><status code="332"/>';
    const x = `<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"/>${codes}</x>`;
    wire.inject(frame(`<presence xmlns="jabber:client" type="unavailable" from="stopped@${ROOMS}/alice">${x}</presence>`));
    await alice.hears({ type: 'join', target: { id: `stopped@${ROOMS}` }, object: { type: 'room' } });
    await bob.says('#stopped', 'welcome back');
    await alice.hears({ type: 'send', object: { content: 'welcome back' } });
    expect(alice.inbox.filter(({ type }) => type === 'leave')).toEqual([]);
  });
});

describe('a server that talks nonsense', () => {
  test('stanzas that mean nothing, lie or lack everything are survived', async () => {
    const [alice, bob] = await pair('#odd');
    const room = `odd@${ROOMS}`;
    const odd = [
      '<message/>',
      '<message type="groupchat"><body/></message>',
      `<message type="groupchat" from="${room}"><body>from the room itself</body></message>`,
      '<presence/>',
      '<presence from="@/"/>',
      `<presence from="${room}/"/>`,
      `<presence from="${room}/x"><x xmlns="http://jabber.org/protocol/muc#user"><item/><status/></x></presence>`,
      '<iq/>',
      '<iq type="result" id="q1"/>',
      '<iq type="get" id="1"><what xmlns="never:heard:of:it"/></iq>',
      '<iq type="set" id="2" from="eve@evil.example"><query xmlns="jabber:iq:roster"><item jid="eve@evil.example"/></query></iq>',
      '<message from="eve@evil.example"><sent xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">' +
        '<message xmlns="jabber:client" from="bob@team.example" to="alice@team.example"><body>forged</body></message></forwarded></sent></message>',
      '<message from="eve@evil.example"><result xmlns="urn:xmpp:mam:2" queryid="a1"/></message>',
      `<message from="eve@evil.example"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="urn:xmpp:bookmarks:1"/></event></message>`,
      `<message type="groupchat" from="${room}/bob"><retract xmlns="urn:xmpp:message-retract:1" id="__proto__"/></message>`,
      `<message type="groupchat" from="${room}/bob"><reactions xmlns="urn:xmpp:reactions:0" id="constructor"><reaction/></reactions></message>`,
      `<message type="error" from="${room}"/>`,
      `<message>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</message>`,
      '<thing xmlns="other"/>',
    ];
    for (const stanza of odd)
      wire.inject(
        frame(
          stanza
            .replace('>', stanza.includes('xmlns=') ? '>' : ' xmlns="jabber:client">')
            .replace('/ xmlns="jabber:client">', ' xmlns="jabber:client"/>'),
        ),
      );
    await bob.says('#odd', 'still there?');
    await alice.hears({ type: 'send', object: { content: 'still there?' } });
    expect(alice.texts().filter((text) => text === 'forged')).toEqual([]);
    expect((await alice.asks({ type: 'roster' }))['items']).toEqual([]);
    expect(alice.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
    expect(await alice.says('#odd', 'here')).toMatchObject({ content: 'here' });
  });
});
