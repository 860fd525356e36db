import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import tls from 'node:tls';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prosody } from '../../server/components/prosody/component.ts';
import { prosodyPaths } from '../../server/components/prosody/config.ts';
import { fingerprintOf, findWantedRooms } from '../../server/components/prosody/wanted.ts';
import { newId } from '../../server/foundation/crypto.ts';
import { disableAccount, getAccount } from '../../server/identity/accounts.ts';
import { createChannel } from '../../server/teams/channels.ts';
import { createTeam, type Team } from '../../server/teams/teams.ts';
import { domain, renewCertificate, TestAppliance } from './appliance.ts';
import { eventOf, logInByWebsocket } from './clients.ts';

let test: TestAppliance;
let red: Team;

/** That Prosody holds exactly what the database says. */
async function expectInStep(): Promise<void> {
  const wanted = await findWantedRooms(test.appliance.database);
  const present = await test.api.listRooms();
  expect(new Map(wanted.map((room) => [room.address, fingerprintOf(room)]))).toEqual(present);
}

beforeAll(async () => {
  test = await TestAppliance.start();
  red = await test.change((change) => createTeam(change, { name: 'Red', home: 'xmpp' }));
  await test.addPerson('alice', red, 'owner');
  await test.addPerson('bob', red);
  for (const name of ['general', 'random']) await test.change((change) => createChannel(change, red, { name, topic: `About ${name}` }));
});
afterAll(() => test?.close());

describe('Prosody', () => {
  it('is as the database says after each event', () => expectInStep());

  it('keeps all of it over a restart, and over one by SIGKILL', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await test.stopProsody(signal);
      await test.startProsody();
      await expectInStep();
    }
  });

  it('is made again when its data is gone', async () => {
    await test.stopProsody();
    test.deleteProsodyData();
    await test.startProsody();
    expect((await test.api.listRooms()).size).toBe(0);
    await test.reconcile();
    await expectInStep();
    const alice = await logInByWebsocket(test, 'alice');
    await alice.joinRoom(`general@rooms.${domain}`, 'alice');
    alice.disconnect();
  });

  it('is put right where it differs', async () => {
    const [general] = await findWantedRooms(test.appliance.database);
    await test.api.putRooms([
      { ...general!, name: 'Another', private: true, affiliations: { bob: 'admin', 'stranger@elsewhere.example': 'member' } },
      { address: 'left-over', name: 'left-over', topic: '', private: false, affiliations: { bob: 'member' } },
    ]);
    await test.reconcile();
    await expectInStep();
  });

  it('has nothing to do when nothing differs', async () => {
    const asked = statSync(prosodyPaths(test.appliance.settings).config).mtimeMs;
    expect(prosody.configure(test.appliance)).toBe('none');
    expect(statSync(prosodyPaths(test.appliance.settings).config).mtimeMs).toBe(asked);
  });

  it('ends sessions of an account that was disabled while nobody told it', async () => {
    const bob = await logInByWebsocket(test, 'bob');
    const ended = eventOf(bob as unknown as NodeJS.EventEmitter, 'disconnected');
    await test.outbox.change(async (change) => disableAccount(change, await getAccount(change.queries, 'bob')));
    await test.reconcile();
    await ended;
    expect((await test.api.describeRoom('general')).affiliations).toEqual({ alice: 'admin', kosmos: 'admin' });
  });

  it('tells which room could not be made, and makes the others', async () => {
    const database = test.appliance.database;
    await test.outbox.change((change) => createChannel(change, red, { name: 'aaa' }));
    await test.outbox.change((change) => createChannel(change, red, { name: 'zzz' }));
    await sql`update channels set address = 'a@b' where name = 'aaa'`.execute(database);
    await expect(test.reconcile()).rejects.toThrow(/refused.*a@b/);
    expect((await test.api.describeRoom('zzz')).name).toBe('zzz');
    await sql`update channels set address = 'aaa' where name = 'aaa'`.execute(database);
    await test.reconcile();
    await expectInStep();
  });

  it('rejects when it cannot be reached', async () => {
    await test.stopProsody();
    await expect(test.reconcile()).rejects.toThrow('does not answer');
    await test.startProsody();
    await test.reconcile();
  });

  it('shows a renewed certificate after a reload', async () => {
    const shown = async (): Promise<string> => {
      const socket = net.connect(test.appliance.settings.xmppPort, '127.0.0.1');
      socket.write(`<stream:stream to="${domain}" version="1.0" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">`);
      let text = '';
      for (const [tag, answer] of [
        ['</stream:features>', '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>'],
        ['<proceed', ''],
      ] as const) {
        while (!text.includes(tag)) text += String((await once(socket, 'data'))[0]);
        socket.write(answer);
      }
      const secure = tls.connect({ socket, servername: domain, rejectUnauthorized: false });
      await once(secure, 'secureConnect');
      const { fingerprint256 } = secure.getPeerCertificate();
      secure.destroy();
      return fingerprint256;
    };
    const before = await shown();
    renewCertificate(test.appliance.certificate);
    expect(prosody.configure(test.appliance)).toBe('reload');
    test.reload();
    await expect.poll(shown, { timeout: 5_000 }).not.toBe(before);
  });

  it('restarts for a new domain', () => {
    const moved = { ...test.appliance, domain: 'other.example.org' };
    expect(prosody.configure(moved)).toBe('restart');
    expect(prosody.configure(test.appliance)).toBe('restart');
  });

  it('leaves its files to its user alone', () => {
    const { folder } = prosodyPaths(test.appliance.settings);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(statSync(path.join(file.parentPath, file.name)).mode & 0o077).toBe(0);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });
});

describe('a large appliance', () => {
  it('of 200 accounts and 30 channels is made in seconds and checked in less', async () => {
    const { database } = test.appliance;
    const at = new Date().toISOString();
    const accounts = Array.from({ length: 200 }, (_, index) => ({
      ...{
        id: newId(),
        name: `person-${index}`,
        display_name: null,
        is_admin: 0 as const,
        is_bot: 0 as const,
        created_at: at,
        disabled_at: null,
      },
    }));
    await database.insertInto('accounts').values(accounts).execute();
    await database
      .insertInto('members')
      .values(accounts.map(({ id }) => ({ team_id: red.id, account_id: id, role: 'member' as const, joined_at: at })))
      .execute();
    for (let index = 0; index < 30; index++) await test.outbox.change((change) => createChannel(change, red, { name: `channel-${index}` }));
    const timed = async (): Promise<number> => {
      const began = performance.now();
      await test.reconcile();
      return performance.now() - began;
    };
    const [making, checking] = [await timed(), await timed()];
    await expectInStep();
    const memory = /^Rss:\s+(\d+)|^Pss:\s+(\d+)/gm;
    const smaps = existsSync(`/proc/${test.pid}/smaps_rollup`) ? readFileSync(`/proc/${test.pid}/smaps_rollup`, 'utf8') : '';
    const sizes = [...smaps.matchAll(memory)].map(([line]) => line.replace(/\s+/g, ' '));
    console.log(`200 accounts × 30 channels: made in ${making.toFixed(0)} ms, checked in ${checking.toFixed(0)} ms; ${sizes.join(', ')}`);
    expect(making).toBeLessThan(15_000);
    expect(checking).toBeLessThan(2_000);
  });
});
