import { module, test } from 'qunit';
import { rowsOf } from '../../app/lib/rows.ts';
import { Message, type MessageFields } from '../../app/models/message.ts';
import { Timeline } from '../../app/models/timeline.ts';

const noon = new Date(2026, 10, 24, 12).getTime();

function say(minutes: number, fields: Partial<MessageFields> = {}): Message {
  return new Message({
    id: `i${minutes}`,
    kind: 'text',
    author: { name: 'bob' },
    content: 'x',
    published: noon + minutes * 60_000,
    mine: false,
    ...fields,
  });
}

const contents = (timeline: Timeline) => timeline.messages.map(({ id }) => id);

module('timeline', function () {
  test('messages stand in order of time, each once', function (assert) {
    const timeline = new Timeline();
    timeline.merge([say(5), say(6)]);
    const fresh = timeline.merge([say(1), say(5), say(3)], 'older');
    assert.deepEqual(contents(timeline), ['i1', 'i3', 'i5', 'i6']);
    assert.strictEqual(fresh.length, 2);
  });

  test('the window is bounded on the side that is not read', function (assert) {
    const timeline = new Timeline();
    timeline.isAtStart = true;
    timeline.merge(Array.from({ length: 2_500 }, (_, i) => say(i)));
    assert.strictEqual(timeline.messages.length, 2_000);
    assert.strictEqual(timeline.newest?.id, 'i2499');
    assert.false(timeline.isAtStart);
    timeline.merge([say(-1)], 'older');
    assert.strictEqual(timeline.messages.length, 2_000);
    assert.strictEqual(timeline.oldest?.id, 'i-1');
    assert.false(timeline.isAtEnd);
    assert.strictEqual(timeline.find('i2499'), undefined);
  });

  test('who reads further up keeps the place when the window is full', function (assert) {
    const timeline = new Timeline();
    timeline.merge(Array.from({ length: 2_000 }, (_, i) => say(i)));
    timeline.isHeld = true;
    timeline.merge([say(3_000)]);
    assert.strictEqual(timeline.oldest?.id, 'i0');
    assert.strictEqual(timeline.newest?.id, 'i1999');
    assert.false(timeline.isAtEnd, 'the newest is there to be asked for');
  });

  test('an own message settles where the server puts it', function (assert) {
    const timeline = new Timeline();
    const mine = new Message({
      kind: 'text',
      author: { name: 'alice' },
      content: 'y',
      published: noon + 1,
      mine: true,
      originId: 'c-1',
      state: 'sending',
    });
    timeline.merge([mine, say(1)]);
    timeline.settle(mine, 'server', noon + 120_000);
    assert.deepEqual(contents(timeline), ['i1', 'server']);
    assert.strictEqual(mine.state, 'sent');
    assert.strictEqual(timeline.find('server'), mine);
  });

  test('rows: days, groups, the line before what is new, folded comings and goings', function (assert) {
    const came = say(3, { id: 'j1', kind: 'happening', happening: { type: 'join' } });
    const went = say(4, { id: 'j2', kind: 'happening', happening: { type: 'leave' } });
    const later = say(30);
    const rows = rowsOf([say(-24 * 60), say(0), say(1), say(2, { id: 'c', author: { name: 'carol' } }), came, went, later], later.key);
    assert.deepEqual(
      rows.map((row) => (row.kind === 'message' ? (row.isFollowUp ? 'follow-up' : 'message') : row.kind)),
      ['day', 'message', 'day', 'message', 'follow-up', 'message', 'happenings', 'new', 'message'],
    );
  });

  test('rows that stay the same are the same', function (assert) {
    const messages = [say(0), say(1), say(2)];
    const drawn = rowsOf(messages, undefined);
    const again = rowsOf([...messages, say(3)], undefined, new Map(drawn.map((row) => [row.key, row])));
    assert.deepEqual(
      again.map((row) => drawn.includes(row)),
      [false, true, true, true, false],
    );
  });

  test('50,000 messages pass through the window without growing slower', function (assert) {
    const timeline = new Timeline();
    const began = performance.now();
    for (let i = 0; i < 1_000; i++) timeline.merge(Array.from({ length: 50 }, (_, j) => say(i * 50 + j)));
    assert.true(performance.now() - began < 10_000, `${Math.round(performance.now() - began)} ms`);
    assert.strictEqual(timeline.messages.length, 2_000);
  });
});
