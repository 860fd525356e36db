import type { FastifyRequest } from 'fastify';
import type { Services } from './services.ts';

/** Where the browser that asks sees the appliance, so that a link works for whoever can see it there. */
export function originOf({ settings }: Pick<Services, 'settings'>, request: FastifyRequest): string {
  return request.host ? `${request.protocol}://${request.host}` : `http://localhost:${settings.port}`;
}
