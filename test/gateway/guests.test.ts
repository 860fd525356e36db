import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeGatewaySettings } from '../../server/database/gateway-settings.ts';
import { Browser } from './support/browser.ts';
import { DOMAIN, House, irc } from './support/house.ts';
import { untilIt } from './support/launch.ts';

let house: House;
beforeAll(async () => {
  const guests = { perSecond: 1, burst: 6, socketsPerAddress: 2, sockets: 10, sessions: 2, lifetime: 60_000 };
  house = await House.open({ limits: { guests } });
  await house.gateway.close();
  // Without a policy of the test's own: what the database says counts.
  await house.restartGatewayWith({ limits: { guests } });
});
afterAll(() => house.close());

const guest = (address: string): Promise<Browser> => house.open('', { headers: { 'x-forwarded-for': address } });
const allow = (guests: boolean): Promise<unknown> => house.control.outbox.change((change) => changeGatewaySettings(change, { guests }));

it('without an account nobody is let in, until the admin allows guests', async () => {
  await expect(guest('192.0.2.1')).rejects.toMatchObject({ data: { code: 'KOSMOS_ERR_UNAUTHENTICATED' } });
  await allow(true);
  (await untilIt(() => guest('192.0.2.1'), 'guests are let in')).leaves();
});

it('a guest reaches neither the team’s servers nor what is inside, and has limits of its own', async () => {
  await house.control.outbox.change((change) => changeGatewaySettings(change, { inside: [`localhost:${house.ergo.port}`] }));
  const browser = await guest('192.0.2.2');
  for (const server of [DOMAIN, 'localhost']) {
    const object = { type: 'credentials', nick: 'eve', server, port: house.ergo.port, secure: false };
    await browser.says('credentials', irc('eve', 'credentials', { object, server }));
    const answer = await browser.asks('message', irc('eve', 'connect', { server }));
    expect(answer.errorCode, server).toBe('KOSMOS_ERR_HOST_REFUSED');
  }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => browser.asks('message', irc('eve', 'connect', { server: 'localhost' }))),
  );
  expect(answers.map(({ errorCode }) => errorCode)).toContain('KOSMOS_ERR_RATE_LIMITED');
  const second = await guest('192.0.2.2');
  await expect(guest('192.0.2.2')).rejects.toMatchObject({ data: { code: 'KOSMOS_ERR_SOCKET_LIMIT' } });
  (await guest('192.0.2.3')).leaves();
  second.leaves();
  expect(await house.control.database.selectFrom('gateway_sessions').select('id').execute()).toEqual([]);
  browser.leaves();
});

it('who is there is parted from when the admin allows guests no more', async () => {
  const browser = await untilIt(() => guest('192.0.2.4'), 'a guest is let in');
  const gone = new Promise((resolve) => browser.socket.once('disconnect', resolve));
  await allow(false);
  await gone;
});
