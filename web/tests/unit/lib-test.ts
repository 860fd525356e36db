import { module, test } from 'qunit';
import en from '../../translations/en.json';
import enPages from '../../translations/en-pages.json';
import de from '../../translations/de.json';
import dePages from '../../translations/de-pages.json';
import { isQuiet } from '../../app/lib/attention.ts';
import { parseCommand } from '../../app/lib/commands.ts';
import { complete, tokenAt } from '../../app/lib/completion.ts';
import { passwordStrength } from '../../app/lib/password-strength.ts';
import { bestMatches, firstLink, hueOf, initialsOf, matchRank, mentions } from '../../app/lib/text.ts';
import { Heights } from '../../app/lib/window-heights.ts';

function keysOf(part: object, prefix = ''): string[] {
  return Object.entries(part).flatMap(([key, value]) =>
    typeof value === 'object' ? keysOf(value as object, `${prefix}${key}.`) : [prefix + key],
  );
}

function argumentsOf(part: object): string[] {
  return Object.entries(part).flatMap(([, value]) =>
    typeof value === 'object'
      ? argumentsOf(value as object)
      : [
          [...(value as string).matchAll(/(?<!(?:one|other|=0) )\{(\w+)[,}]/g)]
            .map(([, name]) => name)
            .sort()
            .join(),
        ],
  );
}

module('helpers', function () {
  test('both languages say everything, with the same arguments', function (assert) {
    for (const [one, other] of [
      [en, de],
      [enPages, dePages],
    ] as const) {
      assert.deepEqual(keysOf(other), keysOf(one));
      assert.deepEqual(argumentsOf(other), argumentsOf(one));
    }
  });

  test('mentions are whole words, in any case', function (assert) {
    assert.true(mentions('Alice: look', 'alice'));
    assert.true(mentions('look, @alice!', 'alice'));
    assert.false(mentions('malice', 'alice'));
    assert.false(mentions('alice-bot says', 'alice'));
    assert.true(mentions('a.b+c here', 'a.b+c'), 'marks are no pattern');
  });

  test('the best match comes first', function (assert) {
    assert.deepEqual(
      bestMatches(['backend', 'end', 'friendly', 'x'], 'end', (name) => name, 9),
      ['end', 'backend', 'friendly'],
    );
    assert.strictEqual(matchRank('general', 'gnl'), 10);
    assert.strictEqual(matchRank('general', 'lng'), 0);
  });

  test('the first link of a text, outside code', function (assert) {
    assert.strictEqual(firstLink('see https://example.org/a, and https://b.example'), 'https://example.org/a');
    assert.strictEqual(firstLink('`https://code.example` and ```\nhttps://more.example\n```'), undefined);
    assert.strictEqual(firstLink('(https://example.org/x)'), 'https://example.org/x');
  });

  test('names have initials and a colour of their own', function (assert) {
    assert.strictEqual(initialsOf('Orbit Labs'), 'OL');
    assert.strictEqual(initialsOf('#general'), 'G');
    assert.strictEqual(hueOf('alice'), hueOf('alice'));
  });

  test('the word at the caret is completed', function (assert) {
    assert.deepEqual(tokenAt('hi @bo', 6), { kind: 'person', query: 'bo', start: 3 });
    assert.deepEqual(tokenAt('/to', 3), { kind: 'command', query: 'to', start: 0 });
    assert.strictEqual(tokenAt('a@b', 3), undefined, 'no address');
    assert.strictEqual(tokenAt('at 10:3', 7), undefined, 'no time of day');
    assert.strictEqual(tokenAt(':t', 2), undefined, 'one letter is too little for emoji');
    const token = tokenAt('hi @bo there', 6)!;
    assert.deepEqual(complete('hi @bo there', 6, token, '@bob'), { text: 'hi @bob there', caret: 8 });
    assert.deepEqual(complete('@bo', 3, tokenAt('@bo', 3)!, '@bob'), { text: '@bob ', caret: 5 });
  });

  test('slash commands', function (assert) {
    assert.deepEqual(parseCommand('/me waves'), { name: 'me', rest: 'waves' });
    assert.deepEqual(parseCommand('/j #x'), { name: 'join', rest: '#x' });
    assert.deepEqual(parseCommand('/topic'), { name: 'topic', rest: '' });
    assert.strictEqual(parseCommand('//not'), undefined);
    assert.strictEqual(parseCommand('/usr/bin'), undefined);
    assert.strictEqual(parseCommand('no /me'), undefined);
  });

  test('quiet hours may cross midnight', function (assert) {
    const at = (time: string) => new Date(`2026-11-24T${time}:00`);
    assert.true(isQuiet({ quietFrom: '22:00', quietTo: '07:00' }, at('23:30')));
    assert.true(isQuiet({ quietFrom: '22:00', quietTo: '07:00' }, at('06:59')));
    assert.false(isQuiet({ quietFrom: '22:00', quietTo: '07:00' }, at('12:00')));
    assert.true(isQuiet({ quietFrom: '12:00', quietTo: '13:00' }, at('12:30')));
    assert.false(isQuiet({ quietFrom: '', quietTo: '' }, at('12:30')));
  });

  test('passwords are weighed', function (assert) {
    assert.strictEqual(passwordStrength('short'), 0);
    assert.strictEqual(passwordStrength('password1'), 1);
    assert.strictEqual(passwordStrength('alice2026', 'alice'), 1);
    assert.true(passwordStrength('correct horse battery staple') >= 3);
  });

  test('the rows in view are found from heights measured and guessed', function (assert) {
    const heights = new Heights(50);
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    assert.deepEqual(heights.range(keys, 0, 100, 0), { first: 0, last: 2 });
    assert.true(heights.measure('k0', 500));
    assert.false(heights.measure('k0', 500));
    assert.deepEqual(heights.range(keys, 520, 100, 0), { first: 1, last: 4 });
    assert.strictEqual(heights.sum(keys, 0, 3), 600);
  });
});
