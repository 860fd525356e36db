import { module, test } from 'qunit';
import { isJumbo, plainLine, renderMarkdown, stripCodes } from '../../app/lib/markdown.ts';

const names = {
  me: 'alice',
  isPerson: (name: string) => name === 'bob',
  channelHref: (name: string) => (name === 'ops' ? '/orbit/ops' : undefined),
};

/** What has been tried against chats, one attempt per line. */
const attempts = [
  '<script>window.broken=1</script>',
  '<img src=x onerror="window.broken=1">',
  '<svg onload=window.broken=1>',
  '<svg><script>window.broken=1</script></svg>',
  '<iframe srcdoc="<script>parent.broken=1</script>"></iframe>',
  '<a href="javascript:window.broken=1">x</a>',
  '[x](javascript:window.broken=1)',
  '[x](JaVaScRiPt:window.broken=1)',
  '[x](java\nscript:window.broken=1)',
  '[x](&#106;avascript:window.broken=1)',
  '[x](data:text/html,<script>window.broken=1</script>)',
  '[x](vbscript:msgbox)',
  '![x](javascript:window.broken=1)',
  '![x" onerror="window.broken=1](https://example.org/x.png)',
  '<javascript:window.broken=1>',
  '[x](https://example.org "onmouseover=window.broken=1")',
  '[x](https://example.org/"onmouseover="window.broken=1)',
  '`<img src=x onerror=window.broken=1>`',
  '```html\n<img src=x onerror=window.broken=1>\n```',
  '```"><img src=x onerror=window.broken=1>\ncode\n```',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.broken=1&gt;">',
  '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=window.broken=1 src>">',
  '<noscript><p title="</noscript><img src=x onerror=window.broken=1>">',
  '<details open ontoggle=window.broken=1>',
  '<video><source onerror=window.broken=1></video>',
  '<input autofocus onfocus=window.broken=1>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<style>*{display:none}</style>',
  '<p style="position:fixed;inset:0">x</p>',
  '@bob"><img src=x onerror=window.broken=1>',
  '#ops"><img src=x onerror=window.broken=1>',
  '<template><script>window.broken=1</script></template>',
  '<object data="javascript:window.broken=1"></object>',
  '<a href="//evil.example">x</a> [x](//evil.example) [x](/\\evil.example)',
  '\u0000<scr\u0000ipt>window.broken=1</scr\u0000ipt>',
  '| <img src=x onerror=window.broken=1> |\n|---|\n| <svg/onload=window.broken=1> |',
  '- [ ] <img src=x onerror=window.broken=1>',
  '> <img src=x onerror=window.broken=1>',
];

const allowed = new Set([
  'P',
  'BR',
  'STRONG',
  'EM',
  'DEL',
  'CODE',
  'PRE',
  'A',
  'UL',
  'OL',
  'LI',
  'BLOCKQUOTE',
  'SPAN',
  'HR',
  'TABLE',
  'THEAD',
  'TBODY',
  'TR',
  'TH',
  'TD',
]);

module('markdown', function () {
  test.each('an attack shows as text', attempts, async function (assert, attempt) {
    const place = document.createElement('div');
    document.body.append(place);
    place.innerHTML = renderMarkdown(attempt, names);
    await new Promise((resolve) => setTimeout(resolve));
    for (const element of place.querySelectorAll('*')) {
      assert.true(allowed.has(element.tagName), element.outerHTML);
      for (const { name, value } of element.attributes) {
        assert.true(['href', 'class', 'target', 'rel', 'start', 'align'].includes(name), `${name}="${value}"`);
        if (name === 'href') assert.true(/^(https?:|mailto:|\/[^/\\])/.test(value), value);
      }
    }
    assert.false('broken' in window);
    place.remove();
  });

  test('text without marks is only escaped', function (assert) {
    assert.strictEqual(renderMarkdown('5 > 4 & "so" on'), '<p>5 &gt; 4 &amp; "so" on</p>\n');
    assert.strictEqual(renderMarkdown("it's fine"), '<p>it&#39;s fine</p>');
  });

  test('people write Markdown', function (assert) {
    assert.strictEqual(renderMarkdown('**a** *b* ~~c~~ `d`').trim(), '<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>');
    assert.strictEqual(renderMarkdown('a\nb').trim(), '<p>a<br>b</p>');
    assert.true(renderMarkdown('```js\nlet a\n```').includes('<code class="language-js">'));
    assert.strictEqual(renderMarkdown('# Title').trim(), '<p><strong>Title</strong></p>');
    assert.false(renderMarkdown('    indented').includes('<code'), 'no code without fences');
  });

  test('links leave the client without telling where from', function (assert) {
    const html = renderMarkdown('see https://example.org/a?b=1&c=2');
    assert.true(html.includes('href="https://example.org/a?b=1&amp;c=2"'), html);
    assert.true(html.includes('rel="noopener noreferrer nofollow ugc"'), html);
  });

  test('names and channels that exist lead somewhere', function (assert) {
    assert.true(renderMarkdown('@alice look', names).includes('<span class="mention is-me">@alice</span>'));
    assert.true(renderMarkdown('hi @bob.', names).includes('<span class="mention">@bob</span>.'));
    assert.true(renderMarkdown('see #ops', names).includes('href="/orbit/ops"'));
    assert.strictEqual(renderMarkdown('mail me@bob or @carol, #none', names).includes('mention'), false);
  });

  test('codes of IRC are taken out', function (assert) {
    assert.strictEqual(stripCodes('\x02bold\x0f \x034,12red\x03 \x1ditalic\x1d'), 'bold red italic');
  });

  test('one line for quotes', function (assert) {
    assert.strictEqual(plainLine('**a**\n\n`b`  c'), 'a b c');
  });

  test('a few emoji are shown large', function (assert) {
    assert.true(isJumbo('🎉 👩‍🚀'));
    assert.false(isJumbo('🎉 yes'));
    assert.false(isJumbo('   '));
    assert.false(isJumbo('123'));
  });
});
