import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { explainAcme } from '../../server/components/edge/acme-log.ts';
import { NameServers } from '../../server/components/edge/name-servers.ts';
import { expiryProblem, problemsOf } from '../../server/components/edge/problems.ts';
import { MARK_PATH, reach } from '../../server/components/edge/reachability.ts';
import { checkRecords } from '../../server/components/edge/records.ts';
import { findFreePorts } from '../support/ports.ts';
import { TestNameServer, type Zone } from '../support/name-server.ts';

const domain = 'chat.example.org';
const ports = { xmpp: 5222, xmpps: 5223, xmppServer: 5269 };
/** Public addresses by their look; nothing is ever sent to them. */
const [ours, ours6, other] = ['192.0.1.10', '2606:2800::10', '192.0.1.99'];
const zone: Zone = {
  'example.org': { NS: ['ns.example.org'] },
  'ns.example.org': { A: ['127.0.0.1'] },
  [domain]: { A: [ours], AAAA: [ours6] },
};

let server: TestNameServer;
beforeAll(async () => void (server = await TestNameServer.start()));
afterAll(() => server.close());
beforeEach(() => {
  server.zone = zone;
  server.failure = undefined;
});

const servers = (): Promise<NameServers> => NameServers.of(domain, { first: [`127.0.0.1:${server.port}`], port: server.port });

async function look(records: Zone = {}) {
  server.zone = { ...zone, ...records };
  const names = await servers();
  const table = await checkRecords(domain, names, ports);
  const of = (type: string, name = domain) => table.find((record) => record.type === type && record.name === name);
  return { table, of, codes: problemsOf(domain, names.servers, table, []).map(({ code }) => code) };
}

describe('records, as the domain’s own name servers tell them', () => {
  test('the address alone is enough; what is optional is named and missing', async () => {
    const { of, table, codes } = await look();
    expect(of('A')).toMatchObject({ state: 'right', found: [ours] });
    expect(of('AAAA')).toMatchObject({ state: 'right', found: [ours6] });
    expect(of('SRV', `_xmpp-client._tcp.${domain}`)).toMatchObject({ state: 'missing', required: false, wanted: [`0 5 5222 ${domain}`] });
    expect(of('SRV', `_xmpps-client._tcp.${domain}`)).toMatchObject({ state: 'missing', wanted: [`0 5 5223 ${domain}`] });
    expect(of('SRV', `_xmpp-server._tcp.${domain}`)).toMatchObject({ state: 'missing', wanted: [`0 5 5269 ${domain}`] });
    expect(of('A', `rooms.${domain}`)).toMatchObject({ state: 'missing', required: false, wanted: [ours] });
    expect(of('CAA')).toMatchObject({ state: 'missing', required: false });
    expect([table.filter(({ required }) => required), codes]).toEqual([[], []]);
  });

  test('a change there is seen at once', async () => {
    expect((await look({ [domain]: {} })).codes).toEqual(['KOSMOS_ERR_DNS_NO_ADDRESS']);
    expect((await look()).codes).toEqual([]);
  });

  test.each([
    ['no address', { [domain]: {} }, 'KOSMOS_ERR_DNS_NO_ADDRESS'],
    ['a private address', { [domain]: { A: ['192.168.1.4'] } }, 'KOSMOS_ERR_DNS_ADDRESS'],
    ['nobody responsible', { 'example.org': {} }, 'KOSMOS_ERR_DNS_NO_SERVERS'],
    ['a CAA record of the name', { [domain]: { A: [ours], CAA: ['0 issue "elsewhere.example"'] } }, 'KOSMOS_ERR_DNS_CAA'],
    ['a CAA record above it', { 'example.org': { NS: ['ns.example.org'], CAA: ['0 issue ";"'] } }, 'KOSMOS_ERR_DNS_CAA'],
  ])('%s', async (_, records, code) => {
    expect((await look(records)).codes).toEqual([code]);
  });

  test('optional records that are there are judged', async () => {
    const { of } = await look({
      [`_xmpp-client._tcp.${domain}`]: { SRV: [`0 5 5222 ${domain}`] },
      [`_xmpp-server._tcp.${domain}`]: { SRV: ['0 5 5269 old.example.org'] },
      [`rooms.${domain}`]: { A: [other] },
      [domain]: { A: [ours], CAA: ['0 issue "elsewhere.example"', '0 issue "letsencrypt.org"'] },
    });
    expect(of('SRV', `_xmpp-client._tcp.${domain}`)).toMatchObject({ state: 'right' });
    expect(of('SRV', `_xmpp-server._tcp.${domain}`)).toMatchObject({ state: 'wrong', reason: expect.stringContaining('5269') });
    expect(of('A', `rooms.${domain}`)).toMatchObject({ state: 'wrong', reason: expect.stringContaining(other) });
    expect(of('CAA')).toMatchObject({ state: 'right' });
  });

  test.each(['refuse', 'fail'] as const)('servers that %s are told from a name that is not there', async (failure) => {
    const names = await servers();
    server.failure = failure;
    const problems = problemsOf(domain, names.servers, await checkRecords(domain, names, ports), []);
    expect(problems.map(({ code }) => code)).toEqual(['KOSMOS_ERR_DNS_NO_ANSWER']);
    expect(problems[0]?.message).toContain('ns.example.org');
  });
});

describe('ports, as they are reached from the address', () => {
  const target = (port: number, mark = 'ours') => reach({ domain, address: '127.0.0.1', port, isTls: false, mark });

  test('this appliance, another server, and nobody are told apart', async () => {
    const web = http.createServer((request, response) => response.end(request.url === MARK_PATH ? 'ours' : 'other')).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    expect(await target(port)).toMatchObject({ reach: 'here' });
    expect(await target(port, 'mine')).toMatchObject({ reach: 'elsewhere' });
    expect(await reach({ domain, address: '127.0.0.1', port, isTls: true, mark: 'ours' })).toMatchObject({ reach: 'elsewhere' });
    web.close();
    const [closed = 0] = await findFreePorts(1);
    const { reach: how } = await target(closed);
    expect(how).toBe('closed');
    const problems = problemsOf(domain, ['ns'], [record()], [{ port: 80, address: ours, reach: how }]);
    expect(problems.map(({ code }) => code)).toEqual(['KOSMOS_ERR_REACH_CLOSED']);
  });
});

test.each([
  ['dns', 'KOSMOS_ERR_ACME_DNS'],
  ['caa', 'KOSMOS_ERR_ACME_CAA'],
  ['connection', 'KOSMOS_ERR_ACME_CONNECTION'],
  ['unauthorized', 'KOSMOS_ERR_ACME_ELSEWHERE'],
  ['rateLimited', 'KOSMOS_ERR_ACME_RATE_LIMITED'],
  ['rejectedIdentifier', 'KOSMOS_ERR_ACME_REFUSED'],
])('what the authority says (%s) has its own sentence, with its words', (type, code) => {
  const words = `[${domain}] solving challenges: HTTP 400 urn:ietf:params:acme:error:${type} - its own words (order=https://acme/1)`;
  expect(explainAcme(domain, words)).toMatchObject({ code, details: { reason: 'its own words' } });
});

test('an authority that cannot be reached is told as such', () => {
  expect(explainAcme(domain, 'provisioning client: dial tcp: lookup acme: no such host')).toMatchObject({
    code: 'KOSMOS_ERR_ACME_UNREACHABLE',
  });
});

test('the end of a certificate is told fourteen days before it, for a short one in its last quarter', () => {
  const day = 86_400_000;
  const period = (days: number) => ({ validFrom: new Date(0), validTo: new Date(days * day) });
  expect(expiryProblem(domain, period(90), 75 * day)).toBeUndefined();
  expect(expiryProblem(domain, period(90), 77 * day)).toMatchObject({ code: 'KOSMOS_ERR_CERTIFICATE_EXPIRES' });
  expect(expiryProblem(domain, period(6), 4 * day)).toBeUndefined();
  expect(expiryProblem(domain, period(6), 5 * day)).toMatchObject({ code: 'KOSMOS_ERR_CERTIFICATE_EXPIRES' });
});

function record() {
  return { type: 'A' as const, name: domain, wanted: [], found: [ours], state: 'right' as const, required: true, purpose: '' };
}
