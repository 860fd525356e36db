import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, Member } from './support/member.ts';
import { Prosody, ROOMS } from './support/prosody.ts';

let prosody: Prosody;
const members: Member[] = [];

beforeAll(async () => {
  prosody = await Prosody.start({ accounts: ['alice', 'bob', 'carol'] });
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.goes()));
});
afterAll(() => prosody.remove());

async function member(name: string, ...rooms: string[]): Promise<Member> {
  const one = new Member(prosody, name);
  members.push(one);
  await one.connects();
  for (const room of rooms) await one.joins(room);
  return one;
}

describe('in a room', () => {
  test('alice and bob talk, and each sees the same ids', async () => {
    const alice = await member('alice', '#general');
    const bob = await member('bob', '#general');
    await alice.hears({ type: 'join', actor: { id: `general@${ROOMS}/bob`, account: 'bob' } });
    const sent = await alice.says('#general', 'Hello & <goodbye> 😀\nsecond line', { id: 'c-17' });
    expect(sent).toMatchObject({ type: 'message', content: 'Hello & <goodbye> 😀\nsecond line', originId: 'c-17' });
    const heard = await bob.hears({ type: 'send', actor: { name: 'alice', account: 'alice' }, object: { content: sent['content'] } });
    expect(heard).toMatchObject({ target: { type: 'room', id: `general@${ROOMS}`, name: 'general' }, object: { id: sent.id } });
    expect(sent.id).not.toBe('c-17');
    expect(alice.texts()).toEqual([]);
  });

  test('nobody speaks in a room without having joined it', async () => {
    const alice = await member('alice');
    expect(await codeOf(alice.says('#general', 'hello'))).toBe('KOSMOS_ERR_NOT_IN_ROOM');
  });
});
