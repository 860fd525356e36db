import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storeSetting } from '../../server/database/settings.ts';
import { changePassword, createKeys, disableAccount, enableAccount, findAccount, type Account } from '../../server/identity/accounts.ts';
import { allowing } from '../../server/foundation/public-address.ts';
import { keepStorageElsewhere } from '../../server/identity/storage-elsewhere.ts';
import { findStorageAt } from '../../server/identity/storage-lookup.ts';
import { createSession, endSession } from '../../server/identity/sessions.ts';
import { createSessionGrant, findGrants, revokeGrant } from '../../server/identity/storage-grants.ts';
import { sweepBlobs } from '../../server/storage/store/sweep.ts';
import { FolderBlobs } from '../../server/storage/store/folder-blobs.ts';
import { startArmadietto } from '../daemon/support/armadietto.ts';
import { PASSWORD, startAppliance, type TestAppliance } from './support/appliance.ts';
import { StorageClient } from './support/client.ts';

let appliance: TestAppliance;
let alice: Account;

beforeAll(async () => {
  appliance = await startAppliance();
  alice = await appliance.addAccount('alice');
});

afterAll(() => appliance.close());

function clientOf(name: string, token?: string): StorageClient {
  return new StorageClient(`${appliance.origin}/storage/${name}`, token);
}

describe('WebFinger', () => {
  const lookUp = (resource: string, query = ''): Promise<Response> =>
    fetch(`${appliance.origin}/.well-known/webfinger?resource=${encodeURIComponent(resource)}${query}`);

  it('tells a remoteStorage app where the storage of an address is', async () => {
    const answer = await lookUp(`acct:alice@${appliance.host}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/jrd+json']);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toMatchObject({
      subject: `acct:alice@${appliance.host}`,
      links: [
        {
          rel: 'http://tools.ietf.org/id/draft-dejong-remotestorage',
          href: `${appliance.origin}/storage/alice`,
          properties: {
            'http://remotestorage.io/spec/version': 'draft-dejong-remotestorage-26',
            'http://tools.ietf.org/html/rfc6749#section-4.2': `${appliance.origin}/storage/-/oauth/alice`,
            'http://tools.ietf.org/html/rfc7233': 'GET',
          },
        },
      ],
    });
  });

  it('says of an account that keeps its documents on another server what that server says', async () => {
    const there = await startArmadietto('bert');
    const place = `127.0.0.1:${there.address.port}`;
    const inner = new Set([place]);
    const bert = await appliance.addAccount('bert');
    const here = new StorageClient(`${appliance.origin}/storage/bert`, await appliance.token(bert, '*:rw'));
    await here.put('/notes/kept', 'here');
    await keepStorageElsewhere(appliance.database, bert, await findStorageAt(`bert@${place}`, { findAddresses: allowing(inner), inner }));
    const { links } = (await (await lookUp(`acct:bert@${appliance.host}`)).json()) as { links: { href: string; rel: string }[] };
    expect(links).toMatchObject([{ href: `http://${place}/storage/bert` }]);
    const app = new StorageClient(links[0]!.href, there.token);
    expect((await app.put('/chat-messages/one', 'there')).status).toBeLessThan(300);
    expect((await app.get('/chat-messages/one')).text).toBe('there');
    await keepStorageElsewhere(appliance.database, bert, undefined);
    expect(await (await lookUp(`acct:bert@${appliance.host}`)).json()).toMatchObject({
      links: [{ href: `${appliance.origin}/storage/bert` }],
    });
    expect((await here.get('/notes/kept')).text).toBe('here');
    await there.stop();
  });

  it('knows the home domain, and nobody elsewhere or unknown', async () => {
    await storeSetting(appliance.database, 'domain', 'chat.example.org');
    expect((await lookUp('acct:alice@chat.example.org')).status).toBe(200);
    expect((await lookUp('acct:alice@elsewhere.example')).status).toBe(404);
    expect((await lookUp('acct:nobody@chat.example.org')).status).toBe(404);
    expect((await fetch(`${appliance.origin}/.well-known/webfinger`)).status).toBe(400);
    expect(await (await lookUp('acct:alice@chat.example.org', '&rel=avatar')).json()).toMatchObject({ links: [] });
  });
});

describe('the page that lets an app in', () => {
  const query = {
    redirect_uri: 'https://notes.example.org/app',
    scope: 'notes:rw contacts:r',
    client_id: 'ignored',
    response_type: 'token',
  };
  const address = (name: string, values: Record<string, string> = query): string =>
    `${appliance.origin}/storage/-/oauth/${name}?${new URLSearchParams(values).toString()}`;
  const ticketIn = (html: string): string => /name="ticket" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const open = async (cookie = ''): Promise<string> => (await fetch(address('alice'), { headers: { cookie } })).text();
  const submit = (fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${appliance.origin}/storage/-/oauth/alice`, {
      ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) },
      headers: { origin: appliance.origin, ...headers },
    });

  it('says in plain words what the app asks for, and loads nothing', async () => {
    const answer = await fetch(address('alice', { ...query, state: 's' }));
    const html = await answer.text();
    for (const words of ['Connect notes.example.org?', 'Read and change your notes', 'Read your contacts']) expect(html).toContain(words);
    expect(html).not.toMatch(/<script|<link|style="/);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://notes.example.org;");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
  });

  it('gives a token for the password that opens just what was allowed', async () => {
    const ticket = ticketIn(await (await fetch(address('alice', { ...query, state: 'a b&c' }))).text());
    const answer = await submit({ ticket, password: PASSWORD, decision: 'allow' });
    expect(answer.status).toBe(302);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^https:\/\/notes\.example\.org\/app#access_token=[\w-]{43}&token_type=bearer&.*&state=a%20b%26c$/);
    const client = clientOf('alice', /access_token=([\w-]+)/.exec(location)?.[1]);
    expect((await client.put('/notes/a', 'x')).status).toBe(201);
    expect((await client.put('/contacts/a', 'x')).status).toBe(403);
    expect((await findGrants(appliance.database, alice))[0]).toMatchObject({ client: 'https://notes.example.org' });
  });

  it('refuses a wrong password, and after ten of them even the right one', async () => {
    const ticket = ticketIn(await open());
    const from = { 'x-test-address': '192.0.2.1' };
    const wrong = await submit({ ticket, password: 'not this one', decision: 'allow' }, from);
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain('role="alert"');
    for (let tries = 1; tries < 10; tries += 1) await submit({ ticket, password: 'not this one', decision: 'allow' }, from);
    expect((await submit({ ticket, password: PASSWORD, decision: 'allow' }, from)).status).toBe(429);
  });

  it('needs only a click from who is logged in, and only from them', async () => {
    const { token } = await createSession(appliance.database, alice, { kind: 'browser' });
    const cookie = `kosmos_session=${token}`;
    const html = await open(cookie);
    expect(html).not.toContain('type="password"');
    const ticket = ticketIn(html);
    expect((await submit({ ticket, decision: 'allow' })).status).toBe(401);
    expect((await submit({ ticket, decision: 'allow' }, { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await submit({ ticket: ticketIn(await open()), decision: 'allow' }, { cookie })).status).toBe(401);
    expect((await submit({ ticket, decision: 'allow' }, { cookie })).headers.get('location')).toContain('#access_token=');
    const bob = await createSession(appliance.database, await appliance.addAccount('bob'), { kind: 'browser' });
    expect(await open(`kosmos_session=${bob.token}`)).toContain('type="password"');
  });

  it('goes back to the app with the error where the app is at fault or is not allowed', async () => {
    const errorOf = async (values: Record<string, string>): Promise<string | null> =>
      (await fetch(address('alice', values), { redirect: 'manual' })).headers.get('location');
    expect(await errorOf({ ...query, response_type: 'code' })).toContain('#error=unsupported_response_type');
    expect(await errorOf({ ...query, scope: 'public:rw', state: 'x' })).toMatch(/#error=invalid_scope&.*&state=x$/);
    const denied = await submit({ ticket: ticketIn(await open()), decision: 'deny' });
    expect(denied.headers.get('location')).toContain('#error=access_denied');
  });

  it('never goes back to an address that is not an app’s', async () => {
    const addresses = [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://notes.example.org/',
      'https://a@b.example/',
      'https://b.example/#x',
      '/',
    ];
    for (const redirect_uri of addresses) {
      const answer = await fetch(address('alice', { ...query, redirect_uri }), { redirect: 'manual' });
      expect([redirect_uri, answer.status, answer.headers.get('location')]).toEqual([redirect_uri, 400, null]);
    }
    for (const redirect_uri of ['http://localhost:1234/app', 'http://127.0.0.1:1/', 'org.example.notes:/back']) {
      expect((await fetch(address('alice', { ...query, redirect_uri }))).status).toBe(200);
    }
    expect((await submit({ ticket: 'forged', password: PASSWORD, decision: 'allow' })).status).toBe(400);
  });
});

describe('grants', () => {
  it('end when the app is disconnected', async () => {
    const client = clientOf('alice', await appliance.token(alice, 'lists:rw'));
    expect((await client.put('/lists/a', 'x')).status).toBe(201);
    const grant = (await findGrants(appliance.database, alice)).find(({ scopes }) => scopes[0]?.module === 'lists');
    expect(grant?.usedAt).toBeTruthy();
    await revokeGrant(appliance.database, alice, grant?.id ?? '');
    expect((await client.get('/lists/a')).status).toBe(401);
    await expect(revokeGrant(appliance.database, alice, grant?.id ?? '')).rejects.toMatchObject({
      code: 'KOSMOS_ERR_STORAGE_GRANT_NOT_FOUND',
    });
  });

  it('of the web client end with its session, and those of apps outlive a new password', async () => {
    const carol = await appliance.addAccount('carol');
    const owner = { account: carol, ...(await createSession(appliance.database, carol, { kind: 'browser' })) };
    const own = await createSessionGrant(appliance.database, owner, { origin: appliance.origin, domain: 'chat.example.org' });
    expect(own).toMatchObject({ address: 'carol@chat.example.org', href: `${appliance.origin}/storage/carol`, scopes: '*:rw' });
    const client = new StorageClient(own.href, own.token);
    const app = clientOf('carol', await appliance.token(carol, '*:r'));
    expect((await client.put('/kosmos/a', 'x')).status).toBe(201);
    await appliance.outbox.change((change) => endSession(change, carol, owner.session.id));
    expect((await client.get('/kosmos/a')).status).toBe(401);
    const keys = await createKeys('carol', 'another password');
    await appliance.outbox.change((change) => changePassword(change, carol, keys));
    expect((await app.get('/kosmos/a')).status).toBe(200);
  });

  it('stop at once when the account is disabled, and do not come back with it', async () => {
    const dave = await appliance.addAccount('dave');
    const token = await appliance.token(dave, '*:rw');
    const client = clientOf('dave', token);
    await client.put('/public/a', 'x');
    await appliance.outbox.change((change) => disableAccount(change, dave));
    expect((await client.get('/public/b/')).status).toBe(401);
    expect((await clientOf('dave').get('/public/a')).status).toBe(404);
    await expect.poll(() => findGrants(appliance.database, dave), { timeout: 5_000 }).toEqual([]);
    const disabled = (await findAccount(appliance.database, 'dave')) ?? dave;
    await appliance.outbox.change((change) => enableAccount(change, disabled));
    expect((await client.get('/public/b/')).status).toBe(401);
    expect((await clientOf('dave').get('/public/a')).status).toBe(200);
  });
});

describe('limits', () => {
  const limits = { quota: 20_000, document: 8_000 };
  let erin: Account;
  let token = '';
  let client: StorageClient;
  beforeAll(async () => {
    erin = await appliance.addAccount('erin');
    token = await appliance.token(erin, '*:rw');
    client = clientOf('erin', token);
    await storeSetting(appliance.database, 'storageLimits', limits);
    const probe = async (): Promise<void> => expect((await client.put('/probe', 'x'.repeat(8_001))).status).toBe(413);
    await vi.waitFor(probe, { timeout: 10_000, interval: 200 });
    await client.delete('/probe');
  });

  it('413 before and in the middle of a body that is too large', async () => {
    expect((await client.put('/a', 'x'.repeat(8_001))).status).toBe(413);
    const request = http.request(`${appliance.origin}/storage/erin/a`, { method: 'PUT', headers: { authorization: `Bearer ${token}` } });
    const send = (): boolean => request.destroyed || request.write(Buffer.alloc(2_000));
    request.on('drain', send).on('error', () => undefined);
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    for (let sent = 0; sent < 6; sent += 1) send();
    expect((await answered)[0].statusCode).toBe(413);
    request.destroy();
    expect((await client.get('/a')).status).toBe(404);
    const stored = (): string[] =>
      readdirSync(path.join(appliance.settings.dataFolder, 'storage', erin.id), { recursive: true }).filter(
        (name) => `${name}`.length > 2,
      ) as string[];
    await expect.poll(stored, { timeout: 5_000 }).toEqual([]);
  });

  it('507 when the account is full, and room again after a document was made smaller or removed', async () => {
    expect((await client.put('/a', 'x'.repeat(8_000))).status).toBe(201);
    expect((await client.put('/b', 'x'.repeat(8_000))).status).toBe(201);
    const full = await client.put('/c', 'x'.repeat(8_000));
    expect([full.status, full.json<{ code: string }>().code]).toEqual([507, 'KOSMOS_ERR_STORAGE_QUOTA']);
    expect((await client.put('/b', 'y'.repeat(8_000))).status).toBe(200);
    expect((await client.put('/b', 'y')).status).toBe(200);
    expect((await client.put('/c', 'x'.repeat(8_000))).status).toBe(201);
    for (const name of ['a', 'b', 'c']) await client.delete(`/${name}`);
    const row = await appliance.database
      .selectFrom('storage_accounts')
      .select('bytes')
      .where('account_id', '=', erin.id)
      .executeTakeFirst();
    expect(row?.bytes).toBe(0);
  });

  it('refuses before the client has sent the body that it announced', async () => {
    const request = http.request(`${appliance.origin}/storage/erin/a`, { method: 'PUT', headers: { 'content-length': 5_000 } });
    request.flushHeaders();
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(answer.statusCode).toBe(401);
    request.destroy();
  });
});

describe('the sweep', () => {
  it('removes contents that no document names, and only those', async () => {
    const client = clientOf('alice', await appliance.token(alice, '*:rw'));
    await client.put('/sweep/a', 'kept'.repeat(2_000));
    const folder = path.join(appliance.settings.dataFolder, 'storage');
    const stray = path.join(folder, alice.id, 'zz');
    mkdirSync(stray, { recursive: true });
    writeFileSync(path.join(stray, 'zz-stray'), 'x');
    const blobs = new FolderBlobs(folder);
    expect(await sweepBlobs(appliance.database, blobs, Date.now() + 1_000)).toBe(1);
    expect((await client.get('/sweep/a')).text).toBe('kept'.repeat(2_000));
  });
});
