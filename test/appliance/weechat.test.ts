import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { Weechat } from '../support/weechat.ts';

let database: PostgresServer;
let house: TestAppliance;
let ada: Api;

/** On PostgreSQL, so that the whole appliance has run on it once. */
beforeAll(async () => {
  database = await startPostgres();
  const environment = { DATABASE_URL: await database.createDatabase() };
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc', environment));
  await house.join(ada, 'orbit', 'bob');
});
afterAll(async () => {
  await house.dispose();
  await database.stop();
});

const clients: Weechat[] = [];
afterEach(async () => void (await Promise.all(clients.splice(0).map((client) => client.close()))));

function open(name: string, password = PASSWORD): Weechat {
  const client = new Weechat({ port: house.ircsPort, certificateFile: house.certificateFile, name, password, channel: '#general' });
  clients.push(client);
  return client;
}

test('two members talk by weechat, with the names and passwords of the appliance, and the archive hears them', async () => {
  const [a, b] = [open('ada'), open('bob')];
  await Promise.all([a.hears('has joined #general'), b.hears('has joined #general')]);
  a.say('hello from one weechat');
  await b.hears('hello from one weechat');
  b.say('and from another: grüß dich');
  await a.hears('and from another: grüß dich');
  const url = '/api/teams/orbit/channels/general/messages';
  await expect
    .poll(async () => (await ada.ask<{ messages: { text: string }[] }>(200, 'GET', url)).messages.map(({ text }) => text), {
      timeout: 10_000,
    })
    .toEqual(['hello from one weechat', 'and from another: grüß dich']);
  const found = await ada.ask<{ messages: { text: string }[] }>(200, 'GET', '/api/search?q=another');
  expect(found.messages.map(({ text }) => text)).toEqual(['and from another: grüß dich']);
});

test('a wrong password does not get in', async () => {
  const stranger = open('bob', 'not the password');
  await stranger.isTold('SASL authentication failed');
});
