import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './app.test-support.ts';

let house: TestApp;
const tokens: Record<string, string | undefined> = { anybody: undefined };
/** ada owns Orbit and runs the appliance; olga owns Comet, where alan is admin and mia a member; otto is in Orbit alone. */
beforeAll(async () => {
  house = await openTestApp();
  const ada = await house.setUp();
  await house.ask('POST', '/api/teams', { name: 'Comet' }, ada);
  tokens.appliance = ada;
  tokens.outsider = await house.join(ada, 'orbit', 'otto');
  tokens.owner = await house.join(ada, 'comet', 'olga', 'admin');
  await house.ask('PATCH', '/api/teams/comet/members/olga', { role: 'owner' }, ada);
  tokens.admin = await house.join(ada, 'comet', 'alan', 'admin');
  tokens.member = await house.join(ada, 'comet', 'mia');
  await house.ask('POST', '/api/teams/comet/channels', { name: 'general' }, ada);
}, 120_000);
afterAll(() => house.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
const columns = ['anybody', 'outsider', 'member', 'admin', 'owner', 'appliance'] as const;

/**
 * Who gets past the door of each route, in the order of `columns`. `y` may: the answer is anything but 401 and 403 (and 404 for a team
 * that one is not in). Written by hand, of every route that the API describes.
 */
const everybody = 'yyyyyy';
const loggedIn = '-yyyyy';
const ofTeam = '--yyyy';
const runsTeam = '---yyy';
const ownsTeam = '----yy';
const runsAppliance = '-----y';

const rows: Readonly<Record<string, string>> = {
  'GET /api/health': everybody,
  'GET /api/appliance': everybody,
  'GET /api/setup': everybody,
  'POST /api/setup': everybody,
  'POST /api/setup/check': everybody,
  'POST /api/session': everybody,
  'POST /api/session/second-factor': everybody,
  'POST /api/session/second-factor/passkey-options': everybody,
  'GET /api/session': loggedIn,
  'DELETE /api/session': loggedIn,
  'GET /api/sessions': loggedIn,
  'DELETE /api/sessions/{id}': loggedIn,
  'PATCH /api/account': loggedIn,
  'POST /api/account/password': loggedIn,
  'GET /api/account/second-factors': loggedIn,
  'POST /api/account/second-factors/totp': loggedIn,
  'POST /api/account/second-factors/totp/{id}/confirm': loggedIn,
  'POST /api/account/second-factors/passkey-options': loggedIn,
  'POST /api/account/second-factors/passkey': loggedIn,
  'POST /api/account/second-factors/recovery-codes': loggedIn,
  'DELETE /api/account/second-factors/{id}': loggedIn,
  'POST /api/account/client-password': loggedIn,
  'DELETE /api/account/client-password': loggedIn,
  'GET /api/account/storage-address': loggedIn,
  'PUT /api/account/storage-address': loggedIn,
  'GET /api/unread': loggedIn,
  'PUT /api/teams/{team}/channels/{channel}/marker': ofTeam,
  'PUT /api/teams/{team}/channels/{channel}/level': ofTeam,
  'GET /api/teams/{team}/channels/{channel}/webhooks': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/webhooks': runsTeam,
  'PATCH /api/teams/{team}/channels/{channel}/webhooks/{id}': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/webhooks/{id}/secret': runsTeam,
  'GET /api/teams/{team}/channels/{channel}/webhooks/{id}/calls': runsTeam,
  'DELETE /api/teams/{team}/channels/{channel}/webhooks/{id}': runsTeam,
  'GET /api/teams/{team}/channels/{channel}/outgoing-webhooks': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/outgoing-webhooks': runsTeam,
  'PATCH /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}/secret': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}/test': runsTeam,
  'GET /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}/calls': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}/calls/{call}/repeat': runsTeam,
  'DELETE /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}': runsTeam,
  'GET /api/teams/{team}/bots': runsTeam,
  'POST /api/teams/{team}/bots': runsTeam,
  'POST /api/teams/{team}/bots/{name}/password': runsTeam,
  'DELETE /api/teams/{team}/bots/{name}': runsTeam,
  'PUT /api/teams/{team}/channels/{channel}/documents': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/import': runsTeam,
  'POST /api/teams/{team}/channels/{channel}/import/folder': runsTeam,
  'GET /api/teams/{team}/channels/{channel}/documents': ofTeam,
  'GET /api/gateway/settings': runsAppliance,
  'PUT /api/gateway/settings': runsAppliance,
  'GET /api/domain': runsAppliance,
  'PUT /api/domain': runsAppliance,
  'GET /api/backups': runsAppliance,
  'PUT /api/backups': runsAppliance,
  'POST /api/backups': runsAppliance,
  'GET /api/teams': loggedIn,
  'POST /api/teams': runsAppliance,
  'GET /api/teams/{team}': ofTeam,
  'PATCH /api/teams/{team}': runsTeam,
  'DELETE /api/teams/{team}': ownsTeam,
  'PUT /api/teams/{team}/logo': runsTeam,
  'DELETE /api/teams/{team}/logo': runsTeam,
  'GET /api/logos/{hash}': everybody,
  'GET /api/teams/{team}/members': ofTeam,
  // Whom these act on is not there; policies.test.ts and members.test.ts have whom one may act on.
  'PATCH /api/teams/{team}/members/{name}': ofTeam,
  'DELETE /api/teams/{team}/members/{name}': ofTeam,
  'GET /api/teams/{team}/channels': ofTeam,
  'POST /api/teams/{team}/channels': ofTeam,
  'PATCH /api/teams/{team}/channels/{channel}': ofTeam,
  'DELETE /api/teams/{team}/channels/{channel}': runsTeam,
  'GET /api/teams/{team}/channels/{channel}/members': ofTeam,
  'PUT /api/teams/{team}/channels/{channel}/members/{name}': ofTeam,
  'DELETE /api/teams/{team}/channels/{channel}/members/{name}': ofTeam,
  // The appliance's admin made this team and so is in it; archive.test.ts has one who is not, and reads nothing.
  'GET /api/teams/{team}/channels/{channel}/messages': ofTeam,
  'GET /api/teams/{team}/channels/{channel}/export': ofTeam,
  'GET /api/teams/{team}/export': runsTeam,
  'GET /api/search': loggedIn,
  'POST /api/teams/{team}/invites': runsTeam,
  'GET /api/teams/{team}/invites': runsTeam,
  'DELETE /api/teams/{team}/invites/{id}': runsTeam,
  'GET /api/invites/{token}': everybody,
  'GET /api/invites/{token}/names/{name}': everybody,
  'POST /api/invites/{token}/accept': everybody,
  'GET /api/reset/{token}': everybody,
  'POST /api/reset/{token}': everybody,
  'GET /api/registration': everybody,
  // Closed to all, logged in or not, while one joins by invite.
  'POST /api/register': '------',
  'POST /api/register/{token}': everybody,
  'POST /api/storage/token': loggedIn,
  'GET /api/storage/apps': loggedIn,
  'DELETE /api/storage/apps/{id}': loggedIn,
  'GET /api/events': runsTeam,
  'GET /api/admin/teams': loggedIn,
  'GET /api/admin/teams/{team}': runsTeam,
  'GET /api/admin/teams/{team}/overview': runsTeam,
  'GET /api/admin/teams/{team}/members': runsTeam,
  'GET /api/admin/teams/{team}/members/{name}': runsTeam,
  'DELETE /api/admin/teams/{team}/members/{name}/sessions': runsTeam,
  'DELETE /api/admin/teams/{team}/members/{name}/sessions/{id}': runsTeam,
  'POST /api/admin/teams/{team}/members/{name}/reset-link': runsTeam,
  'GET /api/admin/teams/{team}/channels': runsTeam,
  'GET /api/admin/teams/{team}/invites': runsTeam,
  'POST /api/admin/teams/{team}/retention/preview': ownsTeam,
  'GET /api/admin/accounts': runsAppliance,
  'POST /api/admin/accounts': runsAppliance,
  'PATCH /api/admin/accounts/{name}': runsAppliance,
  'POST /api/admin/accounts/{name}/reset-link': runsAppliance,
  'DELETE /api/admin/accounts/{name}/sessions': runsAppliance,
  'DELETE /api/admin/accounts/{name}/second-factors': runsAppliance,
  'GET /api/admin/overview': runsAppliance,
  'GET /api/admin/components': runsAppliance,
  'GET /api/admin/components/{name}': runsAppliance,
  'POST /api/admin/components/{name}/{action}': runsAppliance,
  'GET /api/admin/components/{name}/logs': runsAppliance,
  'GET /api/admin/components/{name}/log/download': runsAppliance,
  'GET /api/admin/externals': runsAppliance,
  'PUT /api/admin/externals/{name}': runsAppliance,
  'DELETE /api/admin/externals/{name}': runsAppliance,
  // Of the whole appliance; a team's own is in audit.test.ts.
  'GET /api/admin/audit': runsAppliance,
  'GET /api/admin/audit/export': runsAppliance,
  'GET /api/admin/audit/actions': loggedIn,
  'GET /api/admin/settings': runsAppliance,
  'PATCH /api/admin/settings': runsAppliance,
  'POST /api/admin/settings/smtp/test': runsAppliance,
};

/** Bodies that pass the schema and change nothing, or nothing that matters to the other rows. */
const bodies: Readonly<Record<string, object>> = {
  'POST /api/setup': { token: 'x', team: { name: 'X' }, owner: { name: 'xx', password: 'x' } },
  'POST /api/setup/check': { token: 'x' },
  'POST /api/session': { name: 'nobody', password: 'x' },
  'POST /api/session/second-factor': { ticket: 'x', code: '000000' },
  'POST /api/session/second-factor/passkey-options': { ticket: 'x' },
  'PATCH /api/account': { displayName: null },
  'POST /api/account/password': { password: 'wrong one', newPassword: 'x' },
  'POST /api/account/second-factors/totp/{id}/confirm': { code: '000000' },
  'POST /api/account/second-factors/passkey': { name: 'x', response: { id: 'x' } },
  'POST /api/teams': { name: '…' },
  'PATCH /api/teams/{team}': { accent: null },
  'PATCH /api/teams/{team}/members/{name}': { role: 'member' },
  'POST /api/teams/{team}/channels': { name: 'not a name' },
  'PATCH /api/teams/{team}/channels/{channel}': {},
  'PUT /api/account/storage-address': { address: null },
  'PUT /api/gateway/settings': {},
  'PUT /api/domain': {},
  'PUT /api/backups': {},
  'PUT /api/teams/{team}/channels/{channel}/marker': { upTo: '2026-01-01' },
  'PUT /api/teams/{team}/channels/{channel}/level': { level: 'all' },
  'POST /api/teams/{team}/channels/{channel}/webhooks': { name: ' ' },
  'PATCH /api/teams/{team}/channels/{channel}/webhooks/{id}': { name: 'x' },
  'POST /api/teams/{team}/channels/{channel}/outgoing-webhooks': { name: 'x', url: 'ftp://example.org', trigger: 'message' },
  'PATCH /api/teams/{team}/channels/{channel}/outgoing-webhooks/{id}': {},
  'PUT /api/teams/{team}/channels/{channel}/documents': { visibility: 'private' },
  'POST /api/teams/{team}/channels/{channel}/import': {},
  'POST /api/teams/{team}/channels/{channel}/import/folder': { from: 'team' },
  'POST /api/teams/{team}/invites': {},
  'POST /api/teams/{team}/bots': { name: 'not a name' },
  'POST /api/invites/{token}/accept': {},
  'POST /api/reset/{token}': { password: 'x' },
  'POST /api/register': { name: 'xx', password: 'x' },
  'POST /api/admin/teams/{team}/members/{name}/reset-link': {},
  'POST /api/admin/teams/{team}/retention/preview': { days: 1 },
  'POST /api/admin/accounts': { name: 'not a name' },
  'PATCH /api/admin/accounts/{name}': {},
  'POST /api/admin/accounts/{name}/reset-link': {},
  'PUT /api/admin/externals/{name}': { host: 'x', port: 1 },
  'PATCH /api/admin/settings': {},
  'POST /api/admin/settings/smtp/test': { to: 'nobody@example.org' },
};
const wrongPassword = { password: 'wrong one' };
const values: Readonly<Record<string, string>> = {
  ...{
    team: 'comet',
    channel: 'general',
    name: 'nobody',
    id: 'none',
    call: 'none',
    token: 'none',
    action: 'restart',
    hash: 'x'.repeat(43),
  },
};
/** Asked as they stand these would end the very session that asks, or never end. */
const notAsked = new Set(['DELETE /api/session', 'GET /api/events']);
/** Codes of a refusal that is not about who asks. */
const otherRefusals = ['KOSMOS_ERR_CREDENTIALS', 'KOSMOS_ERR_SETUP_TOKEN', 'KOSMOS_ERR_SECOND_FACTOR_TICKET', 'KOSMOS_ERR_LOGIN_LIMITED'];

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

it('has a row for every route that the API describes', async () => {
  const document = (await house.ask('GET', '/api/openapi.json')).json<Document>();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.filter((route) => route !== 'HEAD /api/openapi.json').sort()).toEqual(Object.keys(rows).sort());
});

it.each(Object.entries(rows).filter(([route]) => !notAsked.has(route)))('%s', async (route, allowed) => {
  const [method, path = ''] = route.split(' ') as [Method, string];
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name) + (route === 'GET /api/search' ? '?q=x' : '');
  const body =
    method === 'GET' || (method === 'DELETE' && !path.startsWith('/api/account'))
      ? undefined
      : (bodies[route] ?? (path.startsWith('/api/account') ? wrongPassword : undefined));
  const passed = [];
  for (const who of columns) {
    const answer = await house.ask(method, url, body, tokens[who]);
    const { code = '' } = String(answer.headers['content-type']).startsWith('application/json') ? answer.json<{ code?: string }>() : {};
    const isRefused = [401, 403].includes(answer.statusCode) && !otherRefusals.includes(code);
    expect(answer.statusCode, `${who}: ${answer.body}`).not.toBe(500);
    passed.push(isRefused || code === 'KOSMOS_ERR_TEAM_NOT_FOUND' ? '-' : 'y');
  }
  expect(passed.join('')).toBe(allowed);
});
