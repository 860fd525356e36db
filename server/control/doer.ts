import type { FastifyRequest } from 'fastify';
import type { Doer } from '../teams/acts.ts';

/** Who makes a request, as the audit log has it. */
export function doerOf(request: FastifyRequest): Doer {
  const { caller } = request;
  if (!caller) return { name: null, via: 'web', address: request.ip ?? null };
  if (caller.isShell) return { name: caller.account.name, via: 'shell', address: null };
  return { name: caller.account.name, via: caller.session.kind === 'browser' ? 'web' : 'program', address: request.ip };
}
