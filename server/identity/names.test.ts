import { describe, expect, it } from 'vitest';
import { checkName, lookalike, normaliseName } from './names.ts';

describe('a name', () => {
  it.each([
    ['ada', 'ada'],
    ['Ada', 'ada'],
    ['  ada ', 'ada'],
    ['al', 'al'],
    ['a-b_c9', 'a-b_c9'],
    ['a'.repeat(30), 'a'.repeat(30)],
    ['rooty', 'rooty'],
    ['ada-admin', 'ada-admin'],
  ])('%s is stored as %s', (text, name) => {
    expect(checkName(text)).toBe(name);
  });

  it.each([
    ['', 'empty'],
    ['a', 'too short'],
    ['a'.repeat(31), 'too long'],
    ['1ada', 'a digit first'],
    ['-ada', 'a hyphen first'],
    ['_ada', 'an underscore first'],
    ['a b', 'a space'],
    ['a.b', 'a dot'],
    ['a@b', 'an address'],
    ['a/b', 'a slash'],
    ['#ada', 'a channel'],
    ['åda', 'a letter beyond ASCII'],
    ['аda', 'a Cyrillic letter'],
    ['ada\nx', 'two lines'],
    ['ada\0', 'a zero'],
  ])('%j is not taken: %s', (text) => {
    expect(() => checkName(text)).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_NAME_INVALID' }));
  });

  it.each(['admin', 'ROOT', 'NickServ', 'chanserv', 'postmaster', 'kosmos', 'server', 'here', 'null', 'www'])('%s is reserved', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_NAME_RESERVED' }));
  });

  it.each(['r00t', 'ro0t', 'h0stserv', 'g1oba1', 'K0smos', 'a1l'])('%s is reserved, for it can be mistaken for one that is', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_NAME_RESERVED' }));
  });

  it('is cut in the error that names it', () => {
    expect(() => checkName('x'.repeat(1_000))).toThrow(expect.objectContaining({ details: { name: 'x'.repeat(40) } }));
  });
});

it('looks like another where 0 and o, 1 and l are one', () => {
  expect(lookalike('b0b1')).toBe(lookalike('bobl'));
  expect(lookalike('bob')).not.toBe(lookalike('bab'));
});

it('is looked up without a check', () => {
  expect(normaliseName(' Not A Name! ')).toBe('not a name!');
});
