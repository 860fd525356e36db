import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIrcPlatform } from '../../server/gateway/platforms/irc/irc.ts';
import { makeCertificate, registerAt } from './support/ergo.ts';
import { House, irc, quick } from './support/house.ts';
import type { Heard } from './support/browser.ts';

/** Ergo once more, as if it was a network of others: no token, its own passwords. */
const OUTSIDE = 'localhost';
const PASSWORD = 'pencil,comma=ünïcode';
let house: House;
let platform = createIrcPlatform({ timings: quick });

function trust(authority: string): void {
  platform = createIrcPlatform({ timings: quick, authority });
}

beforeAll(async () => {
  house = await House.open({ platforms: [{ ...platform, open: (context) => platform.open(context) }] });
  house.policy.inside.push(`${OUTSIDE}:${house.ergo.port}`, `${OUTSIDE}:${house.ergo.tlsPort}`);
  await register('owner', PASSWORD);
});
afterAll(() => house.close());

const register = (nick: string, password: string, ...further: string[]): Promise<void> =>
  registerAt(house.ergo.port, nick, password, ...further);

async function logIn(name: string, credentials: object, secure = false): Promise<Heard> {
  const browser = await house.browser('visitor');
  const { port, tlsPort } = house.ergo;
  const object = { type: 'credentials', nick: name, server: OUTSIDE, port: secure ? tlsPort : port, secure, ...credentials };
  await browser.says('credentials', irc(name, 'credentials', { object, server: OUTSIDE }));
  const answer = await browser.asks('message', irc(name, 'connect', { server: OUTSIDE }));
  if (answer.error !== undefined) {
    await browser.asks('message', irc(name, 'disconnect', { server: OUTSIDE }));
    return answer;
  }
  const { object: who } = await browser.says(
    'message',
    irc(name, 'query', { target: { type: 'person', name: answer.actor.name }, object: { type: 'whois' }, server: OUTSIDE }),
  );
  await browser.says('message', irc(name, 'disconnect', { server: OUTSIDE }));
  browser.leaves();
  return { ...answer, object: who };
}

describe('logging in elsewhere', () => {
  it.each(['PLAIN', 'SCRAM-SHA-256', undefined])('with a password, by %s', async (saslMechanism) => {
    const mechanism = saslMechanism === undefined ? {} : { saslMechanism };
    expect((await logIn('owner', { password: PASSWORD, ...mechanism })).object.account).toBe('owner');
  });

  it.each(['PLAIN', 'SCRAM-SHA-256'])('a wrong password is told, and not tried again, by %s', async (saslMechanism) => {
    const answer = await logIn('owner', { password: 'wrong', saslMechanism });
    expect(answer.errorCode).toBe('KOSMOS_ERR_SERVER_LOGIN');
    expect(JSON.stringify(answer)).not.toContain('wrong');
  });

  it('without a password one is there without an account', async () => {
    expect((await logIn('guest', {})).object).toMatchObject({ name: 'guest' });
    expect((await logIn('guest', {})).object.account).toBeUndefined();
  });

  it('over TLS only to a server whose certificate is good for its name', async () => {
    const refused = await logIn('owner', { password: PASSWORD }, true);
    expect(refused).toMatchObject({ errorCode: 'KOSMOS_ERR_SERVER_CERTIFICATE', error: expect.stringMatching(/self-signed/) });
    trust(house.ergo.certificate);
    expect((await logIn('owner', { password: PASSWORD }, true)).object.account).toBe('owner');
  });

  it('with a certificate of one’s own (EXTERNAL)', async () => {
    trust(house.ergo.certificate);
    const { cert, key } = makeCertificate(house.folder, 'client', 'bearer');
    const print = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
    await register('bearer', PASSWORD, `NS CERT ADD ${print}`);
    expect((await logIn('bearer', { certificate: cert, key }, true)).object.account).toBe('bearer');
  });
});
