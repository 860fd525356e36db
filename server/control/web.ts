import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KosmosError } from '../foundation/errors.ts';
import type { App } from './app-type.ts';
import { answer } from './errors.ts';

/** What the web client's build names by content, and so may be kept for ever. */
const hashedName = /[.-][\w-]{8,}\.\w+$/;
const YEAR = 365 * 24 * 3600;

/** Serves the built web client; every page of it is index.html. `folder` may be missing: then there is the API alone. */
export async function serveWeb(app: App, folder: string): Promise<void> {
  if (!existsSync(path.join(folder, 'index.html'))) return;
  await app.register(fastifyStatic, {
    root: folder,
    preCompressed: true,
    wildcard: false,
    setHeaders: (reply, file) => {
      const lasting = file.includes(`${path.sep}assets${path.sep}`) && hashedName.test(file);
      reply.setHeader('cache-control', lasting ? `public, max-age=${YEAR}, immutable` : 'no-cache');
    },
  });
  app.get('/*', { schema: { hide: true } }, (request, reply) =>
    isPage(request) ? reply.sendFile('index.html') : answer(new KosmosError('KOSMOS_ERR_NOT_FOUND'), reply as FastifyReply),
  );
}

function isPage(request: FastifyRequest): boolean {
  const accepts = request.headers.accept ?? '';
  return request.method === 'GET' && accepts.includes('text/html') && !/^\/(api|internal)\//.test(request.url);
}
