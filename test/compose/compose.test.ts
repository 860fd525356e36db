import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';
import { TestAuthority } from './support/authority.ts';
import { ComposeProject, DOMAIN, OUTSIDE, PASSWORD } from './support/compose.ts';

/** Long enough for the test, short enough that a renewal comes when it is asked for. */
const LIFETIME = 3_600;
const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-compose-'));
const services = ['control', 'gateway', 'storage', 'daemon', 'ergo', 'prosody', 'edge', 'docker-proxy'];

let project: ComposeProject;
let authority: TestAuthority;
let root: string;
let ada: string;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`;

beforeAll(async () => {
  project = await ComposeProject.create(folder);
  const { http: httpPort, https: httpsPort } = project.ports;
  authority = await TestAuthority.start({ folder, host: OUTSIDE, httpPort, httpsPort, lifetimeSeconds: LIFETIME });
  root = (await authority.findRoot()) ?? '';
  project.trust(root);
  project.configure({ KOSMOS_ACME_DIRECTORY: authority.directory }, authority.bundleFile);
  const began = performance.now();
  for (const service of process.env.SKIP_BUILD ? [] : ['control', 'ergo', 'prosody', 'edge', 'docker-proxy']) {
    await project.compose('build', ...(process.env.CLEAN_BUILD ? ['--no-cache'] : []), service);
  }
  console.log(`built ${process.env.CLEAN_BUILD ? 'from clean ' : ''}in ${seconds(began)}`);
}, 30 * 60_000);

afterAll(async () => {
  await project.remove();
  await authority.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

test('up: every component is ready behind the edge, with a certificate of the authority, and the set-up link is in the log', async () => {
  const began = performance.now();
  await project.compose('up', '--detach');
  const components = await project.untilHealthy();
  console.log(`up to all healthy in ${seconds(began)}`);
  expect(Object.keys(components).sort()).toEqual(['daemon', 'edge', 'ergo', 'gateway', 'prosody', 'storage']);
  expect(await project.compose('logs', 'control')).toMatch(new RegExp(`https://${DOMAIN}/setup\\?token=[\\w-]{43}`));
}, 300_000);

test('set-up through the edge: HTTPS, HSTS, compression, HTTP/3 announced, plain HTTP sent on', async () => {
  const token = /setup\?token=([\w-]{43})/.exec(await project.compose('logs', 'control'))?.[1];
  const team = { name: 'Orbit', home: 'irc' };
  const made = await project.ask('POST', '/api/setup', { token, team, owner: { name: 'ada', password: PASSWORD } });
  expect([made.status, made.body]).toEqual([201, expect.objectContaining({ teams: [expect.objectContaining({ slug: 'orbit' })] })]);
  ada = await project.logIn('ada');
  const page = await project.ask<string>('GET', '/', undefined, undefined, { accept: 'text/html', 'accept-encoding': 'br' });
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({ 'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/), 'content-encoding': 'br' });
  expect(page.headers['alt-svc']).toContain('h3=":443"');
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  const openapi = await project.ask('GET', '/api/openapi.json', undefined, undefined, { 'accept-encoding': 'zstd, gzip' });
  expect(openapi.headers['content-encoding']).toBe('zstd');
  const plain = await fetch(`http://127.0.0.1:${project.ports.http}/setup`, { headers: { host: DOMAIN }, redirect: 'manual' });
  expect([plain.status, plain.headers.get('location')]).toEqual([308, expect.stringMatching(/^https:\/\//)]);
});

test('IRC and XMPP by TLS with the very certificate of HTTPS, verified, and messages pass', async () => {
  const fingerprints = await eventually(
    'all have the same certificate',
    async () => {
      const all = await Promise.all([project.ports.https, project.ports.ircs, project.ports.xmpps].map(shownAt));
      return new Set(all).size === 1 && all;
    },
    30_000,
  );
  expect(fingerprints).toHaveLength(3);
  const irc = await IrcClient.logIn({ port: project.ports.ircs, certificate: root, domain: DOMAIN, name: 'ada', password: PASSWORD });
  irc.send('JOIN #general', 'PRIVMSG #general :hello from a container');
  await irc.receives('PRIVMSG #general :hello from a container');
  irc.close();
  const service = `xmpp://127.0.0.1:${project.ports.xmpp}`;
  const xmpp = await XmppClient.logIn({ service, domain: DOMAIN, certificate: root, name: 'ada', password: PASSWORD });
  await xmpp.close();
  await eventually('the daemon archived it', async () => JSON.stringify(await history()).includes('hello from a container'), 20_000);
});

describe('the panel and the container engine', () => {
  test('shows state, memory and logs of every container', async () => {
    const { body } = await project.ask<{ components: { name: string; state: string; memory?: number }[] }>(
      'GET',
      '/api/admin/components',
      undefined,
      ada,
    );
    expect(body.components).toHaveLength(6);
    for (const { name, state, memory } of body.components) expect([name, state, (memory ?? 0) > 1_000_000]).toEqual([name, 'ready', true]);
    const logs = await project.ask<{ lines: { text: string }[] }>('GET', '/api/admin/components/edge/logs?lines=100', undefined, ada);
    expect(logs.body.lines.map(({ text }) => text).join('\n')).toContain('certificate obtained successfully');
  });

  test('restarts, stops and starts a container', async () => {
    const before = await startedAt('ergo');
    expect((await act('ergo', 'restart')).body).toMatchObject({ name: 'ergo', state: 'ready' });
    expect(await startedAt('ergo')).not.toBe(before);
    expect((await act('ergo', 'stop')).body).toMatchObject({ name: 'ergo', state: 'stopped' });
    expect((await act('ergo', 'stop')).status).toBe(409);
    expect((await act('ergo', 'start')).body).toMatchObject({ name: 'ergo', state: 'ready' });
    await project.untilHealthy();
  }, 120_000);

  test('a program that dies is started again by the engine, and counted', async () => {
    const before = (await project.untilHealthy()).daemon?.restarts ?? 0;
    await project.inService('daemon', 'kill -9 $(pidof node)');
    await eventually('it was counted', async () => ((await components()).daemon?.restarts ?? 0) > before, 60_000);
    await project.untilHealthy();
  }, 120_000);

  test('everything else that one can ask of the engine is refused', async () => {
    const refused = [
      ['GET', '/containers/json'],
      ['GET', '/images/json'],
      ['GET', '/info'],
      ['GET', '/ergo/top'],
      ['GET', '/control/json'],
      ['GET', `/${project.name}-control-1/json`],
      ['GET', '/ergo/../control/json'],
      ['GET', '/ergo%2f..%2fcontrol/json'],
      ['GET', '/containers/ergo/json'],
      ['GET', '/ergo/json/../../control/json'],
      ['GET', '/ergo/logs?stdout=1&follow=1'],
      ['POST', '/containers/create'],
      ['POST', '/ergo/exec'],
      ['POST', '/ergo/update'],
      ['POST', '/ergo/kill'],
      ['POST', '/ergo/json'],
      ['POST', '/docker-proxy/stop'],
      ['GET', '/ergo/restart'],
      ['DELETE', '/ergo/json'],
      ['DELETE', '/ergo'],
      ['PUT', '/ergo/archive'],
    ];
    const statuses = JSON.parse(await project.inControl(askProxy([...refused, ['GET', '/ergo/json']]))) as number[];
    expect(statuses.slice(0, -1)).toEqual(refused.map(() => 403));
    expect(statuses.at(-1)).toBe(200);
  });

  test('without the proxy the panel says that restarts are off, and everything else works', async () => {
    await project.compose('stop', 'docker-proxy');
    expect(await act('ergo', 'restart')).toMatchObject({ status: 409, body: { code: 'KOSMOS_ERR_CONTAINERS_OFF' } });
    expect(Object.values(await project.untilHealthy()).map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'ready'));
    await project.compose('start', 'docker-proxy');
    await eventually('restarts are back', async () => (await act('storage', 'restart')).status === 200, 60_000);
    await project.untilHealthy();
  }, 180_000);
});

describe('what a container may', () => {
  test('no root but the proxy, nothing to write but its volumes, no capability, bounded memory and logs', async () => {
    for (const service of services) {
      const [container] = JSON.parse(await project.docker('inspect', `${project.name}-${service}-1`)) as [Inspected];
      const { HostConfig: host, Config: config } = container;
      expect([service, host.ReadonlyRootfs, host.CapDrop, host.SecurityOpt, host.Privileged]).toEqual([
        ...[service, true, ['ALL'], ['no-new-privileges:true'], false],
      ]);
      expect([service, host.Memory > 0, host.RestartPolicy.Name, host.LogConfig.Config['max-size']]).toEqual([
        service,
        true,
        'unless-stopped',
        '5m',
      ]);
      expect([service, config.User]).toEqual([service, service === 'docker-proxy' ? 'root' : 'kosmos']);
    }
  });

  test('each sees only the secrets that it needs', async () => {
    const look = (service: string): Promise<string> => project.inService(service, 'find /data -type f');
    for (const service of ['ergo', 'prosody', 'edge']) expect(await look(service)).not.toMatch(/kosmos\.db|secrets\//);
    expect(await look('ergo')).not.toMatch(/prosody/);
    expect(await look('prosody')).not.toMatch(/ergo|ircd/);
    expect(await look('edge')).not.toMatch(/ergo|prosody|secret/);
  });

  test('the health checks speak the protocol', async () => {
    for (const service of services.slice(0, -1)) {
      const [{ State: state }] = JSON.parse(await project.docker('inspect', `${project.name}-${service}-1`)) as [Inspected];
      expect([service, state.Health?.Status]).toEqual([service, expect.stringMatching(/^(healthy|starting)$/)]);
    }
    const check = '/app/deploy/containers/check';
    for (const [service, words] of [
      ['ergo', 'irc 6667'],
      ['prosody', `xmpp 5222 ${DOMAIN}`],
      ['edge', 'http 80 /'],
      ['gateway', 'http 8080 /health'],
    ] as const) {
      await project.inService(service, `${check} ${words}`);
    }
    await expect(project.inService('prosody', `${check} xmpp 5222 elsewhere.example.org`)).rejects.toThrow();
    await expect(project.inService('ergo', `${check} irc 6697`)).rejects.toThrow();
  });
});

test('a renewed certificate reaches all three, and nobody is dropped', async () => {
  const irc = await IrcClient.logIn({ port: project.ports.ircs, certificate: root, domain: DOMAIN, name: 'ada', password: PASSWORD });
  const service = `xmpp://127.0.0.1:${project.ports.xmpp}`;
  const xmpp = await XmppClient.logIn({ service, domain: DOMAIN, certificate: root, name: 'ada', password: PASSWORD });
  const before = await fingerprintAt(project.ports.https);
  await project.inControl(renewNow);
  const ports = [project.ports.https, project.ports.ircs, project.ports.xmpps];
  await eventually(
    'all three have the new one',
    async () => {
      const now = await Promise.all(ports.map(shownAt));
      return now.every((fingerprint) => fingerprint === now[0] && fingerprint !== before);
    },
    90_000,
  );
  irc.send('PING still-here');
  await irc.receives('still-here');
  expect([irc.closed, xmpp.closed]).toEqual([false, false]);
  irc.close();
  await xmpp.close();
}, 180_000);

test('down and up keeps everything', async () => {
  const before = await fingerprintAt(project.ports.https);
  await project.compose('down');
  await project.compose('up', '--detach');
  await project.untilHealthy();
  expect(JSON.stringify(await history())).toContain('hello from a container');
  expect(await fingerprintAt(project.ports.https)).toBe(before);
  const irc = await IrcClient.logIn({ port: project.ports.ircs, certificate: root, domain: DOMAIN, name: 'ada', password: PASSWORD });
  irc.close();
}, 300_000);

interface Inspected {
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapDrop: string[];
    SecurityOpt: string[];
    Privileged: boolean;
    Memory: number;
    RestartPolicy: { Name: string };
    LogConfig: { Config: Record<string, string> };
  };
  Config: { User: string };
  State: { StartedAt: string; Health?: { Status: string } };
}

async function components() {
  return (await project.ask<{ components: Record<string, { restarts: number }> }>('GET', '/api/health')).body.components;
}

function act(name: string, action: string) {
  return project.ask('POST', `/api/admin/components/${name}/${action}`, undefined, ada);
}

async function startedAt(service: string): Promise<string> {
  const [container] = JSON.parse(await project.docker('inspect', `${project.name}-${service}-1`)) as [Inspected];
  return container.State.StartedAt;
}

async function history(): Promise<unknown> {
  return (await project.ask('GET', '/api/teams/orbit/channels/general/messages', undefined, ada)).body;
}

/** Rejects if the certificate is not the trusted authority's and for the domain. */
function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, servername: DOMAIN, ca: root }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** The fingerprint, or why there is none yet. */
function shownAt(port: number): Promise<string> {
  return fingerprintAt(port).catch((error: Error) => `${port}: ${error.message}`);
}

function askProxy(requests: string[][]): string {
  return `import http from 'node:http';
    const ask = ([method, path]) => new Promise((resolve, reject) => http
      .request({ socketPath: '/run/docker-proxy/docker.sock', method, path }, (answer) => { answer.resume(); resolve(answer.statusCode); })
      .on('error', reject).end());
    const statuses = [];
    for (const request of ${JSON.stringify(requests)}) statuses.push(await ask(request));
    console.log(JSON.stringify(statuses));`;
}

/** Caddy renews what has less than a share of its life left, and looks at times; here it is told to look often and at the whole life. */
const renewNow = `import http from 'node:http';
  const ask = (method, path, body) => new Promise((resolve, reject) => {
    const headers = { host: 'edge', 'content-type': 'application/json' };
    const outgoing = http.request({ socketPath: '/data/edge/admin.sock', method, path, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk)).on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const automation = JSON.parse(await ask('GET', '/config/apps/tls/automation'));
  automation.renew_interval = 2_000_000_000;
  for (const policy of automation.policies) policy.renewal_window_ratio = 0.99;
  await ask('PATCH', '/config/apps/tls/automation', JSON.stringify(automation));`;
