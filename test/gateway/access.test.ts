import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changePassword, createKeys, disableAccount } from '../../server/identity/accounts.ts';
import { endSession } from '../../server/identity/sessions.ts';
import { addMember, getMember, removeMember } from '../../server/teams/members.ts';
import { createTeam } from '../../server/teams/teams.ts';
import { Browser, type Heard } from './support/browser.ts';
import { DOMAIN, House, irc, text } from './support/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open({ limits: { burst: 40, perSecond: 40, socketsPerAccount: 3, messageBytes: 20_000 } });
});
afterAll(() => house.close());

async function refused(options: ConstructorParameters<typeof Browser>[1]): Promise<string> {
  const browser = new Browser(house.agent, options);
  try {
    await browser.connected();
    return 'admitted';
  } catch (error) {
    return (error as Error & { data: { code: string } }).data.code;
  } finally {
    browser.leaves();
  }
}

function disconnected(browser: Browser): Promise<void> {
  return new Promise((resolve) => browser.socket.once('disconnect', () => resolve()));
}

function refusedLater(browser: Browser): Promise<string> {
  return new Promise((resolve) =>
    browser.socket.once('connect_error', (error) => resolve((error as Error & { data: { code: string } }).data.code)),
  );
}

describe('who may connect', () => {
  it('nobody without a session of the appliance', async () => {
    expect(await refused({})).toBe('KOSMOS_ERR_UNAUTHENTICATED');
    expect(await refused({ token: 'wrong' })).toBe('KOSMOS_ERR_UNAUTHENTICATED');
    expect(await refused({ token: 'x'.repeat(100_000) })).toBe('KOSMOS_ERR_UNAUTHENTICATED');
    expect(await refused({ cookie: 'kosmos_session=wrong' })).toBe('KOSMOS_ERR_UNAUTHENTICATED');
  });

  it('by token, bearer header, or the cookie from a page of ours; not from another site', async () => {
    const { token } = await house.control.logIn('anna');
    const cookie = `theme=dark; kosmos_session=${token}`;
    const ways: ConstructorParameters<typeof Browser>[1][] = [
      { token },
      { headers: { authorization: `Bearer ${token}` } },
      { cookie },
      { cookie, headers: { origin: `https://${DOMAIN}` } },
    ];
    for (const options of ways) expect(await refused(options)).toBe('admitted');
    expect(await refused({ cookie, headers: { origin: 'https://evil.example' } })).toBe('KOSMOS_ERR_CROSS_ORIGIN');
    expect(await refused({ cookie, headers: { origin: 'null' } })).toBe('KOSMOS_ERR_CROSS_ORIGIN');
  });

  it('a few sockets per account', async () => {
    const browsers = [await house.browser('berta'), await house.browser('berta'), await house.browser('berta')];
    const { token } = await house.control.logIn('berta');
    expect(await refused({ token })).toBe('KOSMOS_ERR_SOCKET_LIMIT');
    browsers[0]?.leaves();
    await expect.poll(() => refused({ token })).toBe('admitted');
  });
});

describe('what one may ask', () => {
  it('too many requests are each answered with an error, and then it goes on', async () => {
    const cora = await house.member('cora');
    const answers = await Promise.all(Array.from({ length: 120 }, () => cora.asks('schemas', null)));
    const limited = answers.filter(({ errorCode }) => errorCode === 'KOSMOS_ERR_RATE_LIMITED');
    expect(limited.length).toBeGreaterThan(60);
    expect(answers.length - limited.length).toBeGreaterThan(20);
    await expect.poll(async () => (await cora.asks('schemas', null)).errorCode, { interval: 200, timeout: 5_000 }).toBeUndefined();
  });

  it('a request that is too large is answered', async () => {
    const dina = await house.member('dina', '#size');
    const answer = await dina.asks('message', text('dina', '#size', 'x'.repeat(100_000)));
    expect(answer.errorCode).toBe('KOSMOS_ERR_TOO_LARGE');
    let deep: object = {};
    for (let depth = 0; depth < 500; depth += 1) deep = { deep };
    expect((await dina.asks('message', irc('dina', 'send', { object: deep }))).errorCode).toBe('KOSMOS_ERR_TOO_LARGE');
  });

  it('what is not known is answered', async () => {
    const emil = await house.browser('emil');
    const code = async (event: string, request: unknown): Promise<string | undefined> => (await emil.asks(event, request)).errorCode;
    expect(await code('no-such-event', {})).toBe('KOSMOS_ERR_NOT_FOUND');
    expect(await code('message', { context: 'gopher', type: 'send', actor: 'emil' })).toBe('KOSMOS_ERR_PLATFORM_UNKNOWN');
    expect(await code('message', irc('emil', 'fly'))).toBe('KOSMOS_ERR_VERB_UNKNOWN');
    expect(await code('message', irc('emil', 'connect'))).toBe('KOSMOS_ERR_NO_CREDENTIALS');
    expect(await code('message', { ...irc('emil', 'connect'), extra: 1 })).toBe('KOSMOS_ERR_VALIDATION');
    for (const nonsense of [undefined, null, 1, 'text', [], [1], {}, { type: 'send' }]) {
      expect(await code('message', nonsense)).toBe('KOSMOS_ERR_VALIDATION');
    }
  });

  it('the schemas, once per fingerprint', async () => {
    const emil = await house.browser('emil');
    const full = (await emil.asks('schemas', null)) as unknown as { fingerprint: string; platforms: { id: string; schemas: object }[] };
    expect(full.platforms.map(({ id }) => id)).toContain('irc');
    expect(Object.keys(full.platforms[0]?.schemas ?? {})).toEqual(['credentials', 'messages']);
    expect(await emil.asks('schemas', full.fingerprint)).toEqual({ fingerprint: full.fingerprint, unchanged: true });
  });
});

describe('where one may connect to', () => {
  it('nowhere inside', async () => {
    const fred = await house.browser('fred');
    for (const server of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0.0.0.0',
      '::1',
      '::ffff:127.0.0.1',
      '169.254.169.254',
      '10.0.0.1',
      '2130706433',
    ]) {
      const object = { type: 'credentials', nick: 'fred', server, port: 6667, secure: false };
      await fred.says('credentials', irc('fred', 'credentials', { server, object }));
      expect((await fred.asks('message', irc('fred', 'connect', { server }))).errorCode, server).toBe('KOSMOS_ERR_HOST_REFUSED');
    }
  });

  it('to no port that is not for IRC', async () => {
    const fred = await house.browser('fred');
    const object = { type: 'credentials', nick: 'fred', server: '93.184.216.34', port: 25, secure: false };
    await fred.says('credentials', irc('fred', 'credentials', { server: '93.184.216.34', object }));
    expect(await fred.asks('message', irc('fred', 'connect', { server: '93.184.216.34' }))).toMatchObject({
      errorCode: 'KOSMOS_ERR_HOST_REFUSED',
    });
  });

  it('on the team’s server as nobody but oneself', async () => {
    const gina = await house.member('gina', '#names');
    const mallory = await house.browser('mallory');
    expect((await mallory.asks('message', text('gina', '#names', 'I am gina'))).errorCode).toBe('KOSMOS_ERR_NO_CREDENTIALS');
    const object = { type: 'credentials', nick: 'gina', server: DOMAIN };
    await mallory.says('credentials', irc('gina', 'credentials', { object }));
    const connected = await mallory.asks('message', irc('gina', 'connect'));
    if (connected.error === undefined) {
      expect(connected.actor.name).toBe('mallory');
      await mallory.says('message', irc('gina', 'join', { target: '#names' }));
      await mallory.says('message', text('gina', '#names', 'I am gina'));
      expect((await gina.hearsText('I am gina')).actor).toMatchObject({ name: 'mallory', account: 'mallory' });
    }
  });
});

describe('who may no longer', () => {
  it('a session that ended loses its socket, and only that', async () => {
    const { account, token, sessionId } = await house.control.logIn('hans');
    const ended = await house.open('hans', { token });
    const other = await house.browser('hans');
    const gone = disconnected(ended);
    const refusal = refusedLater(ended);
    await house.control.outbox.change((change) => endSession(change, account, sessionId));
    await gone;
    expect(await refusal).toBe('KOSMOS_ERR_UNAUTHENTICATED');
    expect(ended.errors).toMatchObject([{ errorCode: 'KOSMOS_ERR_UNAUTHENTICATED' }]);
    expect(other.socket.connected).toBe(true);
  });

  it('a disabled account leaves every server at once', async () => {
    const ilse = await house.member('ilse', '#door');
    const jan = await house.member('jan', '#door');
    const { account } = await house.control.logIn('jan');
    const gone = disconnected(jan);
    await house.control.outbox.change((change) => disableAccount(change, account));
    await gone;
    await ilse.hears(({ type, actor }) => type === 'leave' && actor.name === 'jan', 'jan leaving');
    expect(await refusedLater(jan)).toBe('KOSMOS_ERR_UNAUTHENTICATED');
  });

  it('after a change of the password only the session that changed it comes back', async () => {
    const { account, token, sessionId } = await house.control.logIn('karl');
    const kept = await house.open('karl', { token });
    const other = await house.browser('karl');
    const keys = await createKeys('karl', 'a new long password');
    const refusal = refusedLater(other);
    const back = new Promise<void>((resolve) => kept.socket.once('connect', () => resolve()));
    await house.control.outbox.change((change) => changePassword(change, account, keys, sessionId));
    expect(await refusal).toBe('KOSMOS_ERR_UNAUTHENTICATED');
    await back;
  });

  it('a member who was removed from a team logs in to its server anew', async () => {
    const { account } = await house.control.logIn('lena');
    const team = await house.control.outbox.change(async (change) => {
      const created = await createTeam(change, { name: 'Blue', home: 'irc' });
      await addMember(change, created, account, 'member');
      return created;
    });
    const lena = await house.member('lena', '#blue');
    const gone = disconnected(lena);
    const member = await getMember(house.control.database, team, 'lena');
    await house.control.outbox.change((change) => removeMember(change, team, member));
    await gone;
    await lena.connected();
    const answer: Heard = await lena.asks('message', text('lena', '#blue', 'still here?'));
    expect(answer.errorCode).toBe('KOSMOS_ERR_NO_CREDENTIALS');
  });
});
