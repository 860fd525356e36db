import type { FastifyRequest } from 'fastify';
import type { Site } from '../identity/passkeys.ts';
import type { Services } from './services.ts';

/** Where the browser that asks sees the appliance, so that a link works for whoever can see it there. */
export function originOf({ settings }: Pick<Services, 'settings'>, request: FastifyRequest): string {
  return request.host ? `${request.protocol}://${request.host}` : `http://localhost:${settings.port}`;
}

/** The same for passkeys, which belong to the host name without the port. */
export function siteOf(services: Pick<Services, 'settings'>, request: FastifyRequest): Site {
  const origin = originOf(services, request);
  return { origin, domain: new URL(origin).hostname };
}
