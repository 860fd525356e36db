import { once } from 'node:events';
import net from 'node:net';
import { KosmosError } from '../foundation/errors.ts';
import type { Settings } from '../foundation/settings.ts';

/** Throws KOSMOS_ERR_PORT_TAKEN for the first port that another program holds, before anything is started. */
export async function checkPorts(settings: Settings): Promise<void> {
  const loopback = '127.0.0.1';
  const wanted: [variable: string, host: string, port: number][] = [
    ['KOSMOS_PORT', settings.host, settings.port],
    ['KOSMOS_IRC_PORT', loopback, settings.ircPort],
    ['KOSMOS_IRCS_PORT', settings.host, settings.ircsPort],
    ['KOSMOS_XMPP_PORT', settings.host, settings.xmppPort],
    ['KOSMOS_INTERNAL_PORT', loopback, settings.internalPort],
    ['KOSMOS_INTERNAL_PORT', loopback, settings.internalPort + 1],
  ];
  if (settings.edge) {
    wanted.push(['KOSMOS_HTTP_PORT', settings.host, settings.edge.httpPort], ['KOSMOS_HTTPS_PORT', settings.host, settings.edge.httpsPort]);
  }
  for (const [variable, host, port] of wanted) await checkPort(variable, host, port);
}

async function checkPort(variable: string, host: string, port: number): Promise<void> {
  const server = net.createServer().listen({ host, port });
  try {
    await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error as Error))]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new KosmosError('KOSMOS_ERR_PORT_TAKEN', { port, variable }, { cause: error });
    const named = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? 'KOSMOS_HOST' : variable;
    throw new KosmosError('KOSMOS_ERR_SETTING', { variable: named, reason: `${host}:${port} cannot be listened on` }, { cause: error });
  } finally {
    server.close();
  }
}
