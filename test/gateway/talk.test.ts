import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, House, place, text } from './support/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

describe('two members of a team on IRC', () => {
  it('talk: the acknowledgement and what the other hears are one message', async () => {
    const alice = await house.member('alice', '#general');
    const bob = await house.member('bob', '#general');
    await alice.hears(({ type, actor }) => type === 'join' && actor.name === 'bob', 'bob coming');

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
});
