import type { TestContext } from '@ember/test-helpers';
import { setupTest } from 'ember-qunit';
import { module, test } from 'qunit';
import type { Activity, ActivityObject } from '../../app/lib/activity.ts';
import { Connection } from '../../app/models/connection.ts';
import type { Conversation } from '../../app/models/conversation.ts';
import { Space } from '../../app/models/space.ts';
import type GatewayService from '../../app/services/gateway.ts';
import type IncomingService from '../../app/services/incoming.ts';
import type MessagesService from '../../app/services/messages.ts';
import { withFiles } from '../../app/incoming/files.ts';

interface Context extends TestContext {
  space: Space;
  general: Conversation;
  incoming: IncomingService;
  /** What was asked, and what the gateway will say to it. */
  asked: Activity[];
  answer: (activity: Activity) => Promise<Activity>;
}

const room = { type: 'room', id: '#general@example.org', name: '#general' };
const bob = { type: 'person', id: 'bob@example.org', name: 'bob', account: 'bob' };
const alice = { type: 'person', id: 'alice@example.org', name: 'alice', account: 'alice' };

function activity(type: string, actor: ActivityObject, object?: ActivityObject, target: ActivityObject = room): Activity {
  return { context: 'irc', type, actor, target, published: '2026-11-24T10:00:00.000Z', ...(object ? { object } : {}) };
}

module('what the gateway tells', function (hooks) {
  setupTest(hooks);

  hooks.beforeEach(function (this: Context) {
    localStorage.clear();
    this.asked = [];
    this.answer = (asked) => Promise.resolve(asked);
    const gateway = this.owner.lookup('service:gateway') as GatewayService;
    gateway.request = (_event, _platform, asked) => {
      this.asked.push(asked);
      return this.answer(asked);
    };
    const connection = new Connection(gateway, {
      platform: 'irc',
      actorId: 'alice@example.org',
      host: 'example.org',
      nick: 'alice',
      account: 'alice',
      credentials: { type: 'credentials' },
    });
    const team = { id: 't', slug: 'orbit', name: 'Orbit', home: 'irc', role: 'member' } as const;
    this.space = new Space({ id: 'orbit', name: 'Orbit', connection, roomsDomain: 'rooms.example.org', team });
    this.general = this.space.addChannel({ id: 'c', name: 'general', topic: null, private: false, address: 'general', open: true });
    this.general.readAt = Date.parse('2026-11-24T09:00:00Z');
    this.general.timeline.isLoaded = true;
    this.general.opened();
    this.incoming = this.owner.lookup('service:incoming') as IncomingService;
  });

  function hear(context: Context, ...activities: Activity[]) {
    for (const one of activities) context.incoming.receive(one, context.space.connection, [context.space]);
  }

  test('a message counts as unread, a mention with a number', function (this: Context, assert) {
    hear(this, activity('send', bob, { type: 'message', id: '1', content: 'hello' }));
    assert.deepEqual([this.general.unread, this.general.mentionCount], [1, 0]);
    hear(this, activity('send', bob, { type: 'message', id: '2', content: 'alice: lunch?' }));
    assert.deepEqual([this.general.unread, this.general.mentionCount], [2, 1]);
    hear(this, activity('send', bob, { type: 'message', id: '2', content: 'alice: lunch?' }));
    assert.strictEqual(this.general.unread, 2, 'the same message again is nothing new');
  });

  test('what another window of mine read is read here', function (this: Context, assert) {
    hear(this, activity('send', bob, { type: 'message', id: '1', content: 'alice' }));
    hear(this, activity('read', alice, { type: 'marker', id: '1', published: '2026-11-24T10:00:00.000Z' }));
    assert.deepEqual([this.general.unread, this.general.mentionCount], [0, 0]);
  });

  test('corrections, deletions and reactions change what was said, whoever comes first', function (this: Context, assert) {
    hear(this, activity('add', bob, { type: 'reaction', id: '1', content: '👍' }));
    hear(this, activity('send', bob, { type: 'message', id: '1', content: 'helo' }));
    hear(this, activity('update', bob, { type: 'message', id: '1', content: 'hello' }));
    const message = this.general.timeline.find('1')!;
    assert.deepEqual([message.content, message.isEdited, [...message.reactions]], ['hello', true, [['👍', ['bob']]]]);
    hear(
      this,
      activity('remove', bob, { type: 'reaction', id: '1', content: '👍' }),
      activity('delete', bob, { type: 'message', id: '1' }),
    );
    assert.deepEqual([message.isDeleted, message.reactions.size], [true, 0]);
  });

  test('nobody corrects or deletes what another said', function (this: Context, assert) {
    const mallory = { type: 'person', id: 'mallory@example.org', name: 'mallory', account: 'mallory' };
    hear(this, activity('send', bob, { type: 'message', id: '1', content: 'mine' }));
    hear(
      this,
      activity('update', mallory, { type: 'message', id: '1', content: 'forged' }),
      activity('delete', mallory, { type: 'message', id: '1' }),
    );
    hear(this, activity('update', { ...mallory, name: 'bob' }, { type: 'message', id: '1', content: 'forged' }));
    const message = this.general.timeline.find('1')!;
    assert.deepEqual([message.content, message.isDeleted], ['mine', false]);
    hear(this, activity('delete', mallory, { type: 'message', id: '1', verified: true }));
    assert.true(message.isDeleted, 'what the server let a moderator do');
  });

  test('a first word from somebody opens a direct conversation', function (this: Context, assert) {
    hear(this, activity('send', bob, { type: 'message', id: '9', content: 'psst' }, alice));
    const direct = this.space.findBySlug('@bob');
    assert.strictEqual(direct?.mentionCount, 1);
    hear(this, activity('send', alice, { type: 'message', id: '10', content: 'yes?' }, bob));
    assert.strictEqual(direct?.timeline.messages.length, 2, 'my own from another window goes to the same place');
  });

  test('a room has people, who come, go and change their nicks', function (this: Context, assert) {
    hear(
      this,
      activity('join', alice, { type: 'room', topic: 'Hi', features: ['typing'], attendance: [bob, { ...alice, role: 'admin' }] }),
    );
    assert.deepEqual([this.general.topic, this.general.joined, this.general.occupants.size], ['Hi', 'yes', 2]);
    hear(this, activity('join', { type: 'person', id: 'carol@example.org', name: 'carol' }));
    hear(this, activity('update', bob, { type: 'address' }, { type: 'person', id: 'rob@example.org', name: 'rob' }));
    assert.deepEqual(this.general.occupants.keys().sort(), ['alice', 'carol', 'rob']);
    assert.strictEqual(this.space.presenceOf('carol'), 'online');
    hear(
      this,
      activity(
        'leave',
        { type: 'person', id: 'carol@example.org', name: 'carol' },
        { type: 'message', how: 'quit' },
        { type: 'service', id: 'example.org' },
      ),
    );
    assert.strictEqual(this.space.presenceOf('carol'), 'offline');
    hear(this, activity('leave', alice, { type: 'message', how: 'kick', by: bob }));
    assert.strictEqual(this.general.joined, 'no');
  });

  test('typing is shown until it ends', function (this: Context, assert) {
    hear(this, activity('announce', bob, { type: 'typing', state: 'active' }));
    assert.deepEqual(this.general.typists, ['bob']);
    hear(this, activity('send', bob, { type: 'message', id: '1', content: 'done' }));
    assert.deepEqual(this.general.typists, []);
  });

  test('an own message is there at once and settles with the answer', async function (this: Context, assert) {
    const messages = this.owner.lookup('service:messages') as MessagesService;
    const settled = Promise.withResolvers<Activity>();
    this.answer = () => settled.promise;
    const message = messages.send(this.general, { content: 'hello' });
    assert.deepEqual([this.general.timeline.newest, message.state], [message, 'sending']);
    await Promise.resolve();
    const sent = this.asked[0]!;
    settled.resolve({ ...sent, published: '2026-11-24T10:00:01.000Z', object: { ...sent.object!, id: 'm1', originId: sent.object!.id } });
    await settled.promise;
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([message.state, message.id], ['sent', 'm1']);
  });

  test('a refused message stays, says why, and can be tried again', async function (this: Context, assert) {
    const messages = this.owner.lookup('service:messages') as MessagesService;
    this.answer = () => Promise.reject(new Error('Cannot send to channel.'));
    const message = messages.send(this.general, { content: 'hello' });
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([message.state, message.failure], ['failed', 'Cannot send to channel.']);
    this.answer = (asked) => Promise.resolve({ ...asked, object: { ...asked.object!, id: 'm2' } });
    messages.retry(this.general, message);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([message.state, message.id, this.general.timeline.messages.length], ['sent', 'm2', 1]);
  });

  test('a message whose answer was lost settles with the history', function (this: Context, assert) {
    const messages = this.owner.lookup('service:messages') as MessagesService;
    this.answer = () => new Promise(() => undefined);
    const message = messages.send(this.general, { content: 'hello' });
    const copy = activity('send', alice, { type: 'message', id: 'm3', originId: message.originId, content: 'hello' });
    this.incoming.takeHistory(this.general, [copy], 'newer');
    assert.deepEqual([message.state, message.id, this.general.timeline.messages.length], ['sent', 'm3', 1]);
  });
});

module('files in a text', function () {
  const share = 'https://chat.example.org/storage/alice/public/shares/1a2b/dot.png';

  test('the last lines that are addresses of files become attachments', function (assert) {
    assert.deepEqual(withFiles(`look\n${share}\n${share}2`, []), {
      content: 'look',
      attachments: [{ url: share }, { url: `${share}2` }],
    });
    assert.deepEqual(withFiles(share, []), { content: '', attachments: [{ url: share }] });
  });

  test('what came beside the text keeps its name', function (assert) {
    const known = { url: share, name: 'dot.png', size: 70 };
    assert.deepEqual(withFiles(`look\n${share}`, [known]), { content: 'look', attachments: [known] });
    assert.deepEqual(withFiles('look', [known]), { content: 'look', attachments: [known] });
  });

  test('other links, and those within a line, stay text', function (assert) {
    for (const text of ['https://example.org/upload/1/x.png', `see ${share}`, 'https://example.org/', '']) {
      assert.deepEqual(withFiles(text, []), { content: text, attachments: [] });
    }
  });
});
