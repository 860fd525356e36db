import http, { type IncomingMessage } from 'node:http';
import { BlockList, isIPv6, type Socket } from 'node:net';
import httpProxy from '@fastify/http-proxy';
import type { FastifyReply } from 'fastify';
import { KosmosError } from '../foundation/errors.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Address, Topology } from '../foundation/topology.ts';
import type { App } from './app-type.ts';
import { answer } from './errors.ts';

type Behind = 'gateway' | 'storage' | 'daemon' | 'prosodyHttp';

/** Paths of the home domain that components answer. */
const paths: Readonly<Record<string, Behind>> = {
  '/sockethub': 'gateway',
  '/storage': 'storage',
  '/.well-known/webfinger': 'storage',
  '/hooks': 'daemon',
  '/incoming': 'daemon',
  '/web-push': 'daemon',
  '/previews': 'daemon',
  '/upload': 'prosodyHttp',
};
const names = { gateway: 'gateway', storage: 'storage', daemon: 'daemon', prosodyHttp: 'prosody' } as const satisfies Record<
  Behind,
  string
>;
const TIMEOUT = 30_000;
/** To one component at a time; further requests wait for a free one. */
const CONNECTIONS = 128;
const UPGRADE_TIMEOUT = 10_000;

/** Nets of those whose word about a client's address counts: this machine, and in Compose the containers, which alone reach control. */
export function trustedProxies({ driver }: Pick<Settings, 'driver'>): string[] {
  const containers = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
  return ['127.0.0.0/8', '::1/128', ...(driver === 'docker' ? containers : [])];
}

/** `topology` is asked at each request where Prosody is concerned: another one may have taken its place. */
export async function proxyToComponents(app: App, topology: () => Topology, trusted: readonly string[]): Promise<void> {
  const proxies = netsOf(trusted);
  await app.register(async (scope) => {
    // What a component takes, and how large it may be, it says itself: nothing of a body is read here, of no type.
    scope.removeAllContentTypeParsers();
    for (const [prefix, component] of Object.entries(paths)) {
      await scope.register(httpProxy, {
        prefix,
        rewritePrefix: prefix,
        upstream: component === 'prosodyHttp' ? '' : upstreamOf(topology()[component]),
        undici: { connections: CONNECTIONS, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT },
        // Each component sets its own headers and limits: its pages are not the web client's.
        config: { rateLimit: false, helmet: { skipRoute: true } },
        replyOptions: {
          ...(component === 'prosodyHttp' && { getUpstream: () => upstreamOf(topology().prosodyHttp) }),
          rewriteRequestHeaders: (request, headers) => ({ ...headers, ...forwardedHeaders(request.ip, request.protocol, request.host) }),
          onError: (reply, { error }) => void answer(unreachable(component, error), reply as FastifyReply),
        },
      });
    }
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const component = Object.entries(paths).find(([prefix]) => request.url?.startsWith(`${prefix}/`))?.[1];
    if (component === 'gateway') return splice(topology().gateway, request, socket, head, proxies);
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  });
}

/** Passes a websocket through byte by byte: nothing is parsed twice. */
function splice(address: Address, request: IncomingMessage, socket: Socket, head: Buffer, proxies: BlockList): void {
  const headers = { ...request.headers, ...seenBy(request, proxies) };
  const outgoing = http.request({ ...address, method: 'GET', path: request.url, headers, timeout: UPGRADE_TIMEOUT });
  const refuse = (): void => void socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
  socket.on('error', () => outgoing.destroy());
  outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
  outgoing.on('error', refuse);
  outgoing.on('response', (incoming) => {
    incoming.resume();
    socket.end(`HTTP/1.1 ${incoming.statusCode} ${incoming.statusMessage}\r\nconnection: close\r\n\r\n`);
  });
  outgoing.on('upgrade', (incoming, upstream: Socket, upstreamHead) => {
    socket.write(rawHead(incoming));
    if (upstreamHead.length > 0) socket.write(upstreamHead);
    if (head.length > 0) upstream.write(head);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.setTimeout(0);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  outgoing.end();
}

function rawHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2) lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The client as the edge saw it, if the edge is who asks; else as it came. */
function seenBy({ socket, headers }: IncomingMessage, proxies: BlockList): Record<string, string> {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isProxy = proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  const said = (name: string): string | undefined => (isProxy ? headers[name]?.toString().split(',').at(-1)?.trim() : undefined);
  const host = headers.host ?? '';
  return forwardedHeaders(said('x-forwarded-for') ?? address, said('x-forwarded-proto') ?? 'http', said('x-forwarded-host') ?? host);
}

function netsOf(nets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const net of nets) {
    const [address = '', prefix] = net.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The component sees whom it serves; what the client claimed of itself is replaced. */
function forwardedHeaders(address: string, protocol: string, host: string): Record<string, string> {
  return { 'x-forwarded-for': address, 'x-forwarded-proto': protocol, 'x-forwarded-host': host };
}

function upstreamOf(address: Address): string {
  return 'socketPath' in address ? `unix+http://${encodeURIComponent(address.socketPath)}` : `http://${address.host}:${address.port}`;
}

function unreachable(behind: Behind, error: Error & { statusCode?: number }): KosmosError {
  const component = names[behind];
  if (error.statusCode === 504) return new KosmosError('KOSMOS_ERR_PROXY_TIMEOUT', { component });
  return new KosmosError('KOSMOS_ERR_COMPONENT_UNREACHABLE', { component, reason: 'it is not running or is starting' });
}
