import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ScramClient } from './scram.ts';

/** A server's side, as RFC 5802 has it. */
function server(hash: 'sha1' | 'sha256', password: string, first: string) {
  const bare = first.replace(/^n,,/, '');
  const nonce = `${/r=(.*)$/.exec(bare)?.[1] ?? ''}server`;
  const salt = Buffer.from('0123456789abcdef');
  const bytes = hash === 'sha1' ? 20 : 32;
  const salted = pbkdf2Sync(password, salt, 4_096, bytes, hash);
  const challenge = `r=${nonce},s=${salt.toString('base64')},i=4096`;
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const check = (final: string): { accepted: boolean; success: string } => {
    const [withoutProof = '', proof = ''] = final.split(',p=');
    const conversation = `${bare},${challenge},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(hash).update(clientKey).digest(), conversation);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
    return { accepted: proof === expected, success: `v=${hmac(hmac(salted, 'Server Key'), conversation).toString('base64')}` };
  };
  return { challenge, check };
}

test.each([
  ['SCRAM-SHA-1', 'sha1'],
  ['SCRAM-SHA-256', 'sha256'],
] as const)('%s logs in and knows its server', async (mechanism, hash) => {
  const client = new ScramClient(mechanism, 'al=ice,', 'pencil');
  expect(client.first()).toMatch(/^n,,n=al=3Dice=2C,r=.{24}$/);
  const { challenge, check } = server(hash, 'pencil', client.first());
  const { accepted, success } = check(await client.final(challenge));
  expect(accepted).toBe(true);
  expect(client.verify(success)).toBe(true);
  expect(client.verify('v=AAAA')).toBe(false);
});

test('an impostor who does not know the keys is found out', async () => {
  const client = new ScramClient('SCRAM-SHA-256', 'alice', 'pencil');
  const { challenge, check } = server('sha256', 'another', client.first());
  expect(client.verify(check(await client.final(challenge)).success)).toBe(false);
});

test.each([
  ['its own nonce only', (nonce: string) => `r=${nonce},s=AAAA,i=4096`],
  ['another nonce', () => 'r=x,s=AAAA,i=4096'],
  ['too few rounds', (nonce: string) => `r=${nonce}s,s=AAAA,i=1`],
  ['too many rounds', (nonce: string) => `r=${nonce}s,s=AAAA,i=1000000000`],
  ['an extension', (nonce: string) => `m=x,r=${nonce}s,s=AAAA,i=4096`],
  ['nothing', () => ''],
])('a challenge with %s is refused', async (_, challenge) => {
  const client = new ScramClient('SCRAM-SHA-256', 'alice', 'pencil');
  await expect(client.final(challenge(client.first().slice('n,,n=alice,r='.length)))).rejects.toThrow();
});
