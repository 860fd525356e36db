import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';
import { answerNotFound } from './errors.ts';

/** What the web client's build names by content, and so may be kept for ever. */
const hashedName = /[.-][\w-]{8,}\.\w+$/;
const YEAR = 365 * 24 * 3600;

/** Serves the built web client; every page of it is index.html. `folder` may be missing: then there is the API alone. */
export async function serveWeb(app: App, folder: string): Promise<void> {
  if (!existsSync(path.join(folder, 'index.html'))) {
    app.setNotFoundHandler(answerNotFound);
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    preCompressed: true,
    wildcard: false,
    setHeaders: (reply, file) => {
      const lasting = file.includes(`${path.sep}assets${path.sep}`) && hashedName.test(file);
      reply.setHeader('cache-control', lasting ? `public, max-age=${YEAR}, immutable` : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => (isPage(request) ? reply.sendFile('index.html') : answerNotFound(request, reply)));
}

function isPage(request: FastifyRequest): boolean {
  const accepts = request.headers.accept ?? '';
  return request.method === 'GET' && accepts.includes('text/html') && !/^\/(api|internal)\//.test(request.url);
}
