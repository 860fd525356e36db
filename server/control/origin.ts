import type { FastifyRequest } from 'fastify';
import type { Site } from '../identity/passkeys.ts';
import type { Services } from './services.ts';

/** Where the browser that asks sees the appliance, so that a link works for whoever can see it there. */
export function originOf({ settings, house }: Pick<Services, 'settings' | 'house'>, request: FastifyRequest): string {
  // The shell comes by a socket and does not know: the domain, where there is one, is behind TLS.
  if (request.caller?.isShell) return house.domain === 'localhost' ? `http://localhost:${settings.port}` : `https://${house.domain}`;
  return request.host ? `${request.protocol}://${request.host}` : `http://localhost:${settings.port}`;
}

/** The same for passkeys, which belong to the host name without the port. */
export function siteOf(services: Pick<Services, 'settings' | 'house'>, request: FastifyRequest): Site {
  const origin = originOf(services, request);
  return { origin, domain: new URL(origin).hostname };
}
