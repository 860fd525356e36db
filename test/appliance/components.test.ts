import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';

const names = ['gateway', 'daemon', 'storage', 'prosody', 'ergo'];
let house: TestAppliance;
let ada: Api;

beforeAll(async () => void ({ appliance: house, ada } = await TestAppliance.startSetUp('irc')));
afterAll(() => house.dispose());

const state = async (name: string): Promise<string | undefined> => (await house.health())?.components[name]?.state;

describe.each(names)('%s', (name) => {
  test('killed, it comes back and is counted', async () => {
    const pid = await house.componentPid(name);
    const before = (await house.health())?.components[name];
    process.kill(pid, 'SIGKILL');
    const after = await eventually('another process is ready', async () => {
      const now = (await house.health())?.components[name];
      return now?.state === 'ready' && now.pid !== undefined && now.pid !== pid && now;
    });
    expect(after.restarts).toBe((before?.restarts ?? 0) + 1);
    await house.untilHealthy();
  });

  test('stopped by an admin, it stays away and health says so; started, it is back', async () => {
    const stopped = await ada.ask(200, 'POST', `/api/admin/components/${name}/stop`);
    expect(stopped).toMatchObject({ name, state: 'stopped' });
    expect((await house.health())?.status).toBe('degraded');
    await ada.ask(409, 'POST', `/api/admin/components/${name}/stop`);
    expect(await ada.ask(200, 'POST', `/api/admin/components/${name}/start`)).toMatchObject({ name, state: 'ready' });
    await house.untilHealthy();
  });

  test('restarted, it is another process', async () => {
    const pid = await house.componentPid(name);
    expect(await ada.ask(200, 'POST', `/api/admin/components/${name}/restart`)).toMatchObject({ state: 'ready' });
    expect(await house.componentPid(name)).not.toBe(pid);
  });

  test('its log can be read', async () => {
    const { lines } = await ada.ask<{ lines: { at: string; text: string }[] }>(200, 'GET', `/api/admin/components/${name}/logs?lines=50`);
    expect(lines.length).toBeLessThanOrEqual(50);
    for (const { at } of lines) expect(Date.parse(at)).not.toBeNaN();
  });
});

test('a server that hangs is not called well', async () => {
  const pid = await house.componentPid('ergo');
  process.kill(pid, 'SIGSTOP');
  await eventually('health tells', async () => (await state('ergo')) === 'unresponsive', 20_000);
  expect((await house.health())?.status).toBe('degraded');
  process.kill(pid, 'SIGCONT');
  await eventually('health recovers', async () => (await state('ergo')) === 'ready', 20_000);
});

test('only those who run the appliance act on components', async () => {
  const bob = await house.join(ada, 'orbit', 'bob', 'admin');
  for (const url of ['ergo/restart', 'ergo/stop', 'ergo/start']) {
    expect(await bob.ask(403, 'POST', `/api/admin/components/${url}`)).toMatchObject({ code: 'KOSMOS_ERR_FORBIDDEN' });
  }
  await bob.ask(403, 'GET', '/api/admin/components');
  await bob.ask(403, 'GET', '/api/admin/components/ergo/logs');
  await house.anybody.ask(401, 'GET', '/api/admin/components');
  expect(await ada.ask(404, 'POST', '/api/admin/components/apache/restart')).toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_NOT_FOUND' });
  await ada.ask(400, 'POST', '/api/admin/components/ergo/explode');
});
