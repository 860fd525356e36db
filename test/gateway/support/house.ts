import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import http from 'node:http';
import { once } from 'node:events';
import { createLogger } from '../../../server/foundation/logging.ts';
import { loadKey } from '../../../server/foundation/secrets.ts';
import { readSettings, type Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import { Gateway, type GatewayOptions } from '../../../server/gateway/gateway.ts';
import { createIrcPlatform } from '../../../server/gateway/platforms/irc/irc.ts';
import { defaultTimings } from '../../../server/gateway/platforms/irc/connection/timings.ts';
import { findFreePair, findFreePorts } from '../../support/ports.ts';
import { Browser } from './browser.ts';
import { ControlForTests } from './control.ts';
import { Line } from './line.ts';
import { startErgo, type Ergo } from './ergo.ts';
import { UnixAgent } from './unix-agent.ts';

export const DOMAIN = 'chat.example.org';
const CONTEXTS = ['https://www.w3.org/ns/activitystreams', 'https://sockethub.org/ns/context/v1.jsonld'];

export const quick = { ...defaultTimings, firstRetry: 50, longestRetry: 400, request: 8_000 };

/** Control, Ergo and the gateway, as an appliance has them, in a folder of their own. */
export class House {
  readonly settings: Settings;
  readonly folder: string;
  readonly control: ControlForTests;
  readonly ergo: Ergo;
  readonly line: Line;
  gateway: Gateway;
  /** Servers of this machine that a test lets the gateway connect to; more may be added. */
  readonly policy: { inside: string[] };
  readonly #options: Partial<GatewayOptions>;
  readonly #browsers: Browser[] = [];
  readonly agent: UnixAgent;

  static async open({ inside = [], ...given }: Partial<GatewayOptions> & { inside?: string[] } = {}): Promise<House> {
    const policy = { ...given.policy, inside };
    const options = { ...given, policy };
    const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-gateway-'));
    const ports = [...(await findFreePorts(5)), await findFreePair()];
    const names = ['KOSMOS_PORT', 'KOSMOS_IRC_PORT', 'KOSMOS_IRCS_PORT', 'KOSMOS_XMPP_PORT', '', 'KOSMOS_INTERNAL_PORT'];
    const settings = readSettings({
      KOSMOS_DATA: folder,
      KOSMOS_LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
      ...Object.fromEntries(names.flatMap((name, index) => (name === '' ? [] : [[name, String(ports[index])]]))),
    });
    const control = await ControlForTests.start(settings, DOMAIN);
    const behind = ports[4] ?? 0;
    const ergo = await startErgo(path.join(folder, 'ergo'), behind, loadKey(folder, 'jwt'));
    const line = await Line.lay(settings.ircPort, behind);
    const gateway = await startGateway(settings, options);
    return new House({ settings, folder, control, ergo, line, gateway, options, policy });
  }

  private constructor(
    parts: Pick<House, 'settings' | 'folder' | 'control' | 'ergo' | 'line' | 'gateway' | 'policy'> & { options: Partial<GatewayOptions> },
  ) {
    this.settings = parts.settings;
    this.folder = parts.folder;
    this.control = parts.control;
    this.ergo = parts.ergo;
    this.line = parts.line;
    this.gateway = parts.gateway;
    this.#options = parts.options;
    this.policy = parts.policy;
    this.agent = new UnixAgent(topologyOf(this.settings).gateway);
  }

  /** A logged-in browser of an account that is made if need be. */
  async browser(name: string): Promise<Browser> {
    const { token } = await this.control.logIn(name);
    return this.open(name, { token });
  }

  async open(_name: string, options: ConstructorParameters<typeof Browser>[1]): Promise<Browser> {
    const browser = new Browser(this.agent, options);
    this.#browsers.push(browser);
    return browser.connected();
  }

  /** A browser that is connected to the team's IRC server and in the rooms named. */
  async member(name: string, ...rooms: string[]): Promise<Browser> {
    const browser = await this.browser(name);
    await this.enter(browser, name, ...rooms);
    return browser;
  }

  async enter(browser: Browser, name: string, ...rooms: string[]): Promise<void> {
    await browser.says('credentials', irc(name, 'credentials', { object: { type: 'credentials', nick: name, server: DOMAIN } }));
    await browser.says('message', irc(name, 'connect'));
    for (const room of rooms) await browser.says('message', irc(name, 'join', { target: room }));
  }

  async restartGateway(): Promise<void> {
    await this.gateway.close();
    this.gateway = await startGateway(this.settings, this.#options);
  }

  /** The gateway anew, with other options than those of the house. */
  async restartGatewayWith(options: Partial<GatewayOptions>): Promise<void> {
    this.gateway = await startGateway(this.settings, options);
  }

  async health(): Promise<{ sockets: number; sessions: number }> {
    const { gateway } = topologyOf(this.settings);
    const request = http.get({ ...gateway, path: '/health' });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return JSON.parse(body) as { sockets: number; sessions: number };
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) browser.leaves();
    await this.gateway.close();
    await this.line.stop();
    await this.ergo.stop();
    await this.control.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function startGateway(settings: Settings, options: Partial<GatewayOptions>): Promise<Gateway> {
  return Gateway.start(
    { settings, logger: createLogger('gateway', settings.logLevel), platforms: [createIrcPlatform({ timings: quick })], ...options },
    AbortSignal.timeout(10_000),
  );
}

export interface Parts {
  readonly target?: string | object;
  readonly object?: object;
  readonly server?: string;
  readonly id?: string;
}

/** An activity for IRC in the newer dialect. A target is a channel's or a person's name. */
export function irc(name: string, type: string, { target, object, server = DOMAIN, id }: Parts = {}): Record<string, unknown> {
  return {
    '@context': [...CONTEXTS, 'https://sockethub.org/ns/context/platform/irc/v1.jsonld'],
    ...(id === undefined ? {} : { id }),
    type,
    actor: { type: 'person', id: `${name}@${server}`, name },
    ...(target === undefined ? {} : { target: typeof target === 'string' ? place(target, server) : target }),
    ...(object === undefined ? {} : { object }),
  };
}

export function place(name: string, server = DOMAIN): { type: string; id: string; name: string } {
  return { type: /^[#&]/.test(name) ? 'room' : 'person', id: `${name}@${server}`, name };
}

/** `send` of a text. */
export function text(name: string, target: string, content: string, more: object = {}, server = DOMAIN): Record<string, unknown> {
  return irc(name, 'send', { target, object: { type: 'message', content, ...more }, server });
}
