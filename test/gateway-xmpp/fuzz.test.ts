import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KosmosError } from '../../server/foundation/errors.ts';
import type { Activity } from '../../server/gateway/platforms/platform.ts';
import { receive } from '../../server/gateway/platforms/xmpp/incoming/receive.ts';
import { xmpp } from '../../server/gateway/platforms/xmpp/platform.ts';
import type { XmppSession } from '../../server/gateway/platforms/xmpp/session.ts';
import { serialise, xml, type Element } from '../../server/gateway/platforms/xmpp/xml/element.ts';
import { parseElement } from '../../server/gateway/platforms/xmpp/xml/parser.ts';
import { Member } from './support/member.ts';
import { DOMAIN, Prosody, ROOMS } from './support/prosody.ts';

let prosody: Prosody;
let alice: Member;

beforeAll(async () => {
  prosody = await Prosody.start({ accounts: ['alice'] });
  alice = new Member(prosody, 'alice');
  await alice.connects();
  await alice.joins('#fuzz');
});
afterAll(async () => {
  await alice.goes();
  await prosody.remove();
});

/** The server's Ajv: the linter brings an older one to the top of the workspace. */
const { Ajv } = createRequire(new URL('../../server/package.json', import.meta.url))(
  'ajv',
) as typeof import('../../server/node_modules/ajv/dist/ajv.js');

/** The same numbers every time, so that what fails can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const room = { type: 'room', id: `fuzz@${ROOMS}`, name: 'fuzz' };
const person = { type: 'person', id: `bob@${DOMAIN}` };
const message = { type: 'message', id: 'x', content: 'hello', replyTo: 'y', attachments: [{ url: 'https://a.example/b' }] };
/** Only what needs no answer from somebody else, and leaves alice where she is. */
const requests: readonly Pick<Activity, 'type' | 'target' | 'object'>[] = [
  { type: 'send', target: room, object: message },
  { type: 'update', target: room, object: { type: 'message', id: 'x', content: 'y' } },
  { type: 'delete', target: room, object: { type: 'message', id: 'x' } },
  { type: 'add', target: room, object: { type: 'reaction', id: 'x', content: '👍' } },
  {
    type: 'add',
    target: person,
    object: { type: 'relationship', relationship: 'role', subject: { type: 'presence', role: 'member' }, object: room },
  },
  { type: 'announce', target: room, object: { type: 'typing', state: 'active' } },
  { type: 'read', target: room, object: { type: 'marker', id: 'x' } },
  { type: 'update', object: { type: 'presence', presence: 'away', content: 'x' } },
  { type: 'query', target: room, object: { type: 'history', before: 'x', limit: 3 } },
  { type: 'query', target: room, object: { type: 'attendance' } },
  { type: 'query', target: person, object: { type: 'whois' } },
  { type: 'query', object: { type: 'upload', name: 'a', size: 3, mediaType: 'a/b' } },
  { type: 'kick', target: room, object: { type: 'person', name: 'nobody' } },
  { type: 'invite', target: room, object: person },
  { type: 'block', target: person },
];
const replacements: readonly unknown[] = [
  null,
  undefined,
  '',
  'x',
  0,
  -1,
  NaN,
  1e300,
  true,
  [],
  [null],
  {},
  { id: {} },
  '__proto__',
  '@/',
  'a@b/c'.repeat(500),
];

function mutated(value: unknown, random: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || random(4) === 0) return replacements[random(replacements.length)];
  const keys = Object.keys(value);
  const key = keys[random(keys.length)] ?? 'id';
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  (copy as Record<string, unknown>)[key] = mutated((value as Record<string, unknown>)[key], random);
  return copy;
}

test('1,000 damaged requests that pass the schema are each answered, with a result or a coded error', async () => {
  const random = numbers(1);
  const isValid = new Ajv({ allowUnionTypes: true }).compile(xmpp.schemas.messages);
  const outcomes: unknown[] = [];
  while (outcomes.length < 1_000) {
    const asked = Array.from({ length: 50 }, () => damagedRequest(random)).filter((activity) => isValid(activity));
    outcomes.push(...(await Promise.all(asked.map((activity) => alice.session.handle(activity).catch((error: unknown) => error)))));
  }
  const uncoded = outcomes.filter((outcome) => outcome instanceof Error && !(outcome instanceof KosmosError));
  expect(uncoded.map((error) => (error as Error).stack)).toEqual([]);
  expect(await alice.says('#fuzz', 'still here')).toMatchObject({ content: 'still here' });
});

function damagedRequest(random: (below: number) => number): Activity {
  const request = requests[random(requests.length)] as Activity;
  const part = random(2) === 0 && request.target !== undefined ? 'target' : 'object';
  const damaged = mutated(request[part] ?? {}, random);
  const actor = { type: 'person', id: alice.jid };
  // The gateway lets no activity through whose target and object are not objects.
  return { ...request, actor, [part]: isObject(damaged) ? damaged : undefined } as Activity;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const from = `fuzz@${ROOMS}/bob`;
const stanzas: readonly string[] = [
  `<message type="groupchat" from="${from}" id="1"><body>a</body><reply xmlns="urn:xmpp:reply:0" id="0"/><fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="1"/></fallback></message>`,
  `<message type="groupchat" from="${from}" id="2"><body>b</body><replace xmlns="urn:xmpp:message-correct:0" id="1"/></message>`,
  `<message type="groupchat" from="${from}" id="3"><reactions xmlns="urn:xmpp:reactions:0" id="1"><reaction>x</reaction></reactions></message>`,
  `<message type="groupchat" from="fuzz@${ROOMS}"><apply-to xmlns="urn:xmpp:fasten:0" id="1"><moderated xmlns="urn:xmpp:message-moderate:0" by="${from}"><retract xmlns="urn:xmpp:message-retract:0"/></moderated></apply-to></message>`,
  `<message type="groupchat" from="${from}"><file-sharing xmlns="urn:xmpp:sfs:0"><file xmlns="urn:xmpp:file:metadata:0"><size>1</size></file><sources><url-data xmlns="http://jabber.org/protocol/url-data" target="https://a.example"/></sources></file-sharing><body>c</body></message>`,
  `<message from="alice@${DOMAIN}"><sent xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:client" to="bob@${DOMAIN}" from="alice@${DOMAIN}/x"><body>d</body></message></forwarded></sent></message>`,
  `<message from="fuzz@${ROOMS}"><x xmlns="http://jabber.org/protocol/muc#user"><invite from="bob@${DOMAIN}"><reason>e</reason></invite></x></message>`,
  `<message from="alice@${DOMAIN}"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="urn:xmpp:mds:displayed:0"><item id="a@b"><displayed xmlns="urn:xmpp:mds:displayed:0"><stanza-id xmlns="urn:xmpp:sid:0" id="1" by="a@b"/></displayed></item></items></event></message>`,
  `<presence from="${from}"><show>away</show><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="member" role="participant" jid="bob@${DOMAIN}/x"/></x></presence>`,
  `<presence type="unavailable" from="${from}"><x xmlns="http://jabber.org/protocol/muc#user"><item nick="robert"><actor nick="alice"/><reason>f</reason></item><status code="303"/></x></presence>`,
  `<presence from="bob@${DOMAIN}/x"><show>dnd</show><status>g</status></presence>`,
  `<iq type="set" id="r1" from="alice@${DOMAIN}"><query xmlns="jabber:iq:roster"><item jid="bob@${DOMAIN}" name="h" subscription="both"><group>i</group></item></query></iq>`,
  `<iq type="get" id="r2" from="bob@${DOMAIN}/x"><query xmlns="http://jabber.org/protocol/disco#info" node="n"/></iq>`,
];

/** Takes away, doubles or renames one part of a stanza, or changes a value. */
function damaged(element: Element, random: (below: number) => number): Element {
  const attributes: Record<string, string | undefined> = { ...element.attributes };
  const names = Object.keys(attributes);
  const name = names[random(names.length)];
  const values = ['', 'x', '@', '/', `${from}x`, '__proto__', '-1', '99999999999999999999'];
  if (name !== undefined && random(3) === 0) attributes[name] = values[random(values.length + 2)];
  const children = element.children.flatMap((child) => {
    const what = random(8);
    if (what === 0) return [];
    if (what === 1) return [child, child];
    return [typeof child === 'string' ? child : damaged(child, random)];
  });
  return xml(
    random(40) === 0 ? 'other' : element.name,
    { xmlns: random(40) === 0 ? 'other' : element.namespace, ...attributes },
    ...children,
  );
}

test('4,000 damaged stanzas are each survived', async () => {
  const session = alice.session as XmppSession;
  const random = numbers(2);
  const limits = { size: 50_000, depth: 20, elements: 1_000 };
  for (let round = 0; round < 4_000; round++) {
    const whole = stanzas[random(stanzas.length)] as string;
    const text = serialise(damaged(parseElement(whole.replace(' ', ' xmlns="jabber:client" '), limits), random));
    try {
      receive(session, parseElement(text, limits));
    } catch (error) {
      throw new Error(`Not survived: ${text}`, { cause: error });
    }
    alice.inbox.length = 0;
  }
  await alice.joins('#fuzz');
  expect(await alice.says('#fuzz', 'still here')).toMatchObject({ content: 'still here' });
});
