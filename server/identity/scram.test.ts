import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkPassword, createScramKeys, decoyKeys, verifyPassword, type ScramHash, type ScramKeys } from './scram.ts';

const nodeName = { 'SHA-1': 'sha1', 'SHA-256': 'sha256' } as const;
const hmac = (hash: ScramHash, key: Buffer, text: string): Buffer => createHmac(nodeName[hash], key).update(text).digest();
const digest = (hash: ScramHash, bytes: Buffer): Buffer => createHash(nodeName[hash]).update(bytes).digest();
const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, index) => byte ^ other[index]!));

/** The exchanges printed in the RFCs, user “user”, password “pencil”. */
const examples = [
  {
    source: 'RFC 5802, 5',
    keys: { hash: 'SHA-1', salt: 'QSXCR+Q6sek8bf92', iterations: 4096 },
    storedKey: '6dlGYMOdZcOPutkcNY8U2g7vK9Y=',
    serverKey: 'D+CSWLOshSulAsxiupA+qs2/fTE=',
    messages:
      'n=user,r=fyko+d2lbbFgONRv9qkxdawL,' +
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,' +
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    source: 'RFC 7677, 3',
    keys: { hash: 'SHA-256', salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', iterations: 4096 },
    storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
    serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    messages:
      'n=user,r=rOprNGfwEbeRWgbNEkqO,' +
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,' +
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;

describe.each(examples)('the example of $source', ({ keys: { hash, ...rest }, storedKey, serverKey, messages, proof, signature }) => {
  const keys: ScramKeys = { hash, ...rest, storedKey, serverKey };

  it('has these keys: the printed proof fits the stored key, the printed signature is the server key’s', () => {
    const clientKey = xor(Buffer.from(proof, 'base64'), hmac(hash, Buffer.from(storedKey, 'base64'), messages));
    expect(digest(hash, clientKey).toString('base64')).toBe(storedKey);
    expect(hmac(hash, Buffer.from(serverKey, 'base64'), messages).toString('base64')).toBe(signature);
  });

  it('takes its password and no other', async () => {
    expect(await verifyPassword('pencil', keys)).toBe(true);
    for (const wrong of ['Pencil', 'pencil ', '', 'pencils']) expect(await verifyPassword(wrong, keys)).toBe(false);
  });
});

/** What a client computes (RFC 5802, 3), written out here a second time. */
function clientKeys(password: string, { hash, salt, iterations }: ScramKeys): { storedKey: string; serverKey: string } {
  const length = digest(hash, Buffer.alloc(0)).length;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, length, nodeName[hash]);
  return {
    storedKey: digest(hash, hmac(hash, salted, 'Client Key')).toString('base64'),
    serverKey: hmac(hash, salted, 'Server Key').toString('base64'),
  };
}

it('makes keys of both hashes that a client agrees with, salted each on its own', async () => {
  const keys = [...(await createScramKeys('correct horse')), ...(await createScramKeys('correct horse'))];
  expect(keys.map(({ hash }) => hash)).toEqual(['SHA-1', 'SHA-256', 'SHA-1', 'SHA-256']);
  expect(new Set(keys.map(({ salt }) => salt)).size).toBe(4);
  for (const each of keys) {
    expect(each).toMatchObject(clientKeys('correct horse', each));
    expect(Buffer.from(each.salt, 'base64')).toHaveLength(16);
    expect(each.iterations).toBeGreaterThanOrEqual(each.hash === 'SHA-1' ? 10_000 : 4_096);
  }
});

/** RFC 4013, 3: what clients send for it is the same. */
it.each([
  ['soft\u00adhyphen', 'softhyphen'],
  ['no-break\u00a0space', 'no-break space'],
  ['\u00aa fourth', 'a fourth'],
  ['\u2168 ninths', 'IX ninths'],
  ['e\u0301tude ok', '\u00e9tude ok'],
])('takes %j and %j for one password', async (one, other) => {
  const [keys] = await createScramKeys(one);
  expect(keys).toMatchObject(clientKeys(other, keys!));
  expect(await verifyPassword(other, keys!)).toBe(true);
});

it('opens the decoy with nothing', async () => {
  expect(decoyKeys.iterations).toBe((await createScramKeys('x'))[1]!.iterations);
  for (const password of ['', 'pencil']) expect(await verifyPassword(password, decoyKeys)).toBe(false);
});

describe('a password', () => {
  it.each(['12345678', 'x'.repeat(200), '🪨'.repeat(8).replaceAll('🪨', 'ж'), 'пароль-длинный', 'with spaces in it'])(
    '%s is taken',
    (password) => {
      expect(() => checkPassword(password, 'ada')).not.toThrow();
    },
  );

  it.each([
    ['1234567', 'seven characters'],
    ['x'.repeat(201), 'more than 200'],
    ['', 'empty'],
    ['adalovelace', 'the name'],
    ['AdaLovelace', 'the name in capitals'],
    ['ada\u00adlovelace', 'the name with what clients drop'],
    [`a${'\u00ad'.repeat(9)}`, 'one character that is left, once clients dropped the rest'],
  ])('%j is weak: %s', (password) => {
    expect(() => checkPassword(password, 'adalovelace')).toThrow(
      expect.objectContaining({ code: 'KOSMOS_ERR_PASSWORD_WEAK', details: { min: 8, max: 200 } }),
    );
  });

  it.each([
    ['bell\u0007bell', 'a control character'],
    ['\u200d'.repeat(12), 'nothing that is left of it'],
    ['private\ue000use', 'private use'],
    ['🪨🪨🪨🪨🪨🪨🪨🪨', 'unassigned in Unicode 3.2'],
    ['\u0627abcdefg1', 'two directions'],
  ])('%j cannot be sent by every client: %s', (password) => {
    expect(() => checkPassword(password, 'ada')).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_PASSWORD_CHARACTERS' }));
  });
});
