import { describe, expect, it } from 'vitest';
import { LineReader } from './lines.ts';
import { nickOf, parseMessage, serialiseMessage } from './message.ts';

describe('parseMessage', () => {
  it('keeps “ :” inside the text', () => {
    expect(parseMessage(':bob!b@host PRIVMSG #c :a :b : c')).toEqual({
      tags: {},
      source: 'bob!b@host',
      command: 'PRIVMSG',
      params: ['#c', 'a :b : c'],
    });
  });

  it('reads tags with escapes, without a value and with a client prefix', () => {
    const message = parseMessage('@time=2026-01-01T00:00:00.000Z;+draft/react=\\:);empty;x=a\\sb\\\\c\\n :s TAGMSG #c');
    expect({ ...message?.tags }).toEqual({ time: '2026-01-01T00:00:00.000Z', '+draft/react': ';)', empty: '', x: 'a b\\c\n' });
    expect(message?.command).toBe('TAGMSG');
  });

  it('takes several spaces between parameters and an empty last one', () => {
    expect(parseMessage('TOPIC  #c   :')?.params).toEqual(['#c', '']);
    expect(parseMessage(':server 005 me A=b :are supported')?.params).toEqual(['me', 'A=b', 'are supported']);
  });

  it('finds no command in an empty or broken line', () => {
    for (const line of ['', ' ', ':only', '@tag', '@tag :only']) expect(parseMessage(line)).toBeUndefined();
  });

  it('is not led astray by names of Object.prototype', () => {
    const message = parseMessage('@__proto__=x;constructor=y PING a');
    expect(message?.tags['constructor']).toBe('y');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('serialiseMessage', () => {
  it('is the inverse of parseMessage', () => {
    const message = { tags: { '+draft/reply': 'a;b c\\' }, command: 'PRIVMSG', params: ['#c', ':) hello'] };
    expect(parseMessage(serialiseMessage(message))).toMatchObject({ ...message, source: '' });
  });

  it('refuses what would become a second command', () => {
    expect(() => serialiseMessage({ command: 'JOIN', params: ['#a\r\nQUIT'] })).toThrow('line break');
    expect(() => serialiseMessage({ command: 'KICK', params: ['#a b', 'x'] })).toThrow('a space');
  });
});

describe('nickOf', () => {
  it('takes the nick of a source, or the server’s name', () => {
    expect([nickOf('a!b@c'), nickOf('a@c'), nickOf('irc.example.org')]).toEqual(['a', 'a', 'irc.example.org']);
  });
});

describe('LineReader', () => {
  it('joins lines over chunks, also inside a character', () => {
    const reader = new LineReader();
    const bytes = Buffer.from('PING ä\r\nPONG b\n');
    const lines = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(lines).toEqual(['PING ä', 'PONG b']);
  });

  it('skips a line of a megabyte and goes on with the next', () => {
    const reader = new LineReader();
    for (let part = 0; part < 64; part += 1) expect(reader.push(Buffer.alloc(16_384, 'x'))).toEqual([]);
    expect(reader.push(Buffer.from('rest\r\nPING a\r\n'))).toEqual(['PING a']);
  });

  it('reads what is not UTF-8 as Latin-1', () => {
    expect(new LineReader().push(Buffer.from([0xe4, 0xff, 0x0a]))).toEqual(['äÿ']);
  });
});
