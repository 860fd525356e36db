import { describe, expect, test } from 'vitest';
import { childOf, childText, serialise, xml, type Element } from './element.ts';
import { parseElement, XmlError, XmlParser } from './parser.ts';

const limits = { size: 2_000, depth: 8, elements: 30 };

function readStream(pieces: readonly string[]): { header?: Element; stanzas: Element[]; isClosed: boolean } {
  const result: { header?: Element; stanzas: Element[]; isClosed: boolean } = { stanzas: [], isClosed: false };
  const parser = new XmlParser(
    {
      opened: (header) => void (result.header = header),
      read: (stanza) => result.stanzas.push(stanza),
      closed: () => void (result.isClosed = true),
    },
    limits,
  );
  for (const piece of pieces) parser.write(piece);
  return result;
}

const stream = `<?xml version='1.0'?><stream:stream id="s1" xmlns="jabber:client" xmlns:stream='http://etherx.jabber.org/streams'>
<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
<message from='a@b/c>d'><body>1 &lt; 2 &amp;&#x20;<![CDATA[<3>]]> ü😀</body></message> </stream:stream>`;

describe('a stream', () => {
  test.each([1, 2, 3, 7, 1_000])('is read in pieces of %i', (size) => {
    const pieces = stream.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    const { header, stanzas, isClosed } = readStream(pieces);
    expect(header).toMatchObject({ name: 'stream', namespace: 'http://etherx.jabber.org/streams', attributes: { id: 's1' } });
    expect(stanzas).toHaveLength(2);
    expect(childOf(stanzas[0], 'bind', 'urn:ietf:params:xml:ns:xmpp-bind')).toBeDefined();
    expect(stanzas[1]?.namespace).toBe('jabber:client');
    expect(stanzas[1]?.attributes['from']).toBe('a@b/c>d');
    expect(childText(stanzas[1], 'body')).toBe('1 < 2 & <3> ü😀');
    expect(isClosed).toBe(true);
  });

  test('may hold more in all than one stanza may', () => {
    const many = Array.from({ length: 200 }, (_, index) => `<presence from='a@b/${index}'><show>away</show></presence>\n`);
    expect(readStream([`<s xmlns='jabber:client'>`, ...many]).stanzas).toHaveLength(200);
  });
});

describe('what XMPP forbids or a peer should not ask for', () => {
  test.each([
    ['a comment', '<a><!-- x --></a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an instruction', '<a><?php x ?></a>'],
    ['an unknown entity', '<a>&b;</a>'],
    ['an unended entity', '<a>&amp</a>'],
    ['a surrogate', '<a>&#xD800;</a>'],
    ['a nul', '<a>&#0;</a>'],
    ['tags that cross', '<a><b></a></b>'],
    ['an unbound prefix', '<a:b/>'],
    ['an inherited name as prefix', '<constructor:b/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['a bracket in a value', '<a b="<"/>'],
    ['two elements', '<a/><b/>'],
    ['half an element', '<a><b/>'],
    ['text alone', 'hello'],
    ['nothing', ''],
    ['too long a text', `<a>${'x'.repeat(3_000)}</a>`],
    ['too long a tag', `<a b="${'x'.repeat(3_000)}`],
  ])('%s', (_, text) => {
    expect(() => parseElement(text, limits)).toThrow(XmlError);
  });

  test.each([
    ['too many elements', `<a b='1'>${'<b/>'.repeat(40)}</a>`],
    ['elements too deep', "<a b='1'>" + '<a>'.repeat(9) + '</a>'.repeat(10)],
  ])('%s: read without content, and the next one whole', (_, text) => {
    const { stanzas } = readStream(['<s>', text, '<next>x</next>']);
    expect(stanzas.map(({ name, children }) => [name, children.length])).toEqual([
      ['a', 0],
      ['next', 1],
    ]);
    expect(stanzas[0]?.attributes).toEqual({ b: '1' });
  });

  test('a name in any script is a name: servers pass it on', () => {
    expect(parseElement('<größe 名="1"/>', limits).attributes).toEqual({ 名: '1' });
  });

  test('random damage is an error or an element, never anything else', () => {
    const whole = `<message xmlns='jabber:client' to="a@b"><body>1 &lt; 2</body><x xmlns='y'/></message>`;
    for (let round = 0; round < 5_000; round++) {
      const at = (round * 7_919) % whole.length;
      const piece = ['<', '>', '&', '"', "'", '/', '\u0000', '', ']]>', '<![CDATA[', 'é'][round % 11] as string;
      const damaged = whole.slice(0, at) + piece + whole.slice(at + ((round >> 4) % 3));
      try {
        expect(parseElement(damaged, limits).name).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(XmlError);
      }
    }
  });
});

describe('writing', () => {
  test('what was written is read again', () => {
    const message = xml('message', { xmlns: 'jabber:client', to: `a@b/"'<&>`, id: undefined }, xml('body', {}, `<&> "'`), [
      xml('x', { xmlns: 'y' }, xml('z')),
      undefined,
    ]);
    const read = parseElement(serialise(message), limits);
    expect(read.attributes['to']).toBe(`a@b/"'<&>`);
    expect(childText(read, 'body')).toBe(`<&> "'`);
    expect(childOf(childOf(read, 'x', 'y'), 'z')?.namespace).toBe('y');
    expect(serialise(message, 'jabber:client')).not.toContain('jabber:client');
  });

  test('characters that XML cannot carry are left out', () => {
    const text = `a\u0000b\u001bc\ufffed\ud800e`;
    expect(childText(parseElement(serialise(xml('a', {}, xml('b', {}, text))), limits), 'b')).toBe('abcde');
  });
});
