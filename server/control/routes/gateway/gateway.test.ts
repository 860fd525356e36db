import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

test('an admin of the appliance says where the gateway connects to; what is not named stays, and the gateway is told', async () => {
  const before = (await house.ask('GET', '/api/gateway/settings', undefined, ada)).json<{ ports: object }>();
  expect(before).toMatchObject({ hosts: '*', inside: [], guests: false });
  const answer = await house.ask('PUT', '/api/gateway/settings', { hosts: ['irc.example.org'], guests: true }, ada);
  expect(answer.json()).toEqual({ ...before, hosts: ['irc.example.org'], guests: true });
  expect((await house.ask('GET', '/api/gateway/settings', undefined, ada)).json()).toEqual(answer.json());
  expect((await house.services.outbox.findAfter(0)).at(-1)).toMatchObject({ type: 'gateway-changed' });
});

test('nobody else does, and nonsense is refused', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  expect((await house.ask('GET', '/api/gateway/settings', undefined, bob)).statusCode).toBe(403);
  expect((await house.ask('PUT', '/api/gateway/settings', { guests: true }, bob)).statusCode).toBe(403);
  for (const body of [{ hosts: ['a b'] }, { ports: { irc: [0] } }, { inside: ['no-port'] }, { guests: 'yes' }, { more: true }]) {
    expect((await house.ask('PUT', '/api/gateway/settings', body, ada)).statusCode, JSON.stringify(body)).toBe(400);
  }
});
