import http from 'node:http';
import path from 'node:path';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../foundation/errors.ts';
import { listen } from '../foundation/program.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Database } from '../database/database.ts';
import { findAccount, presentAccountRow, type Account } from '../identity/accounts.ts';
import type { App } from './app-type.ts';
import type { Caller } from './caller.ts';

/** Connections by the shell's socket. Which one a request came by cannot be claimed, so this is all the log-in that the shell needs. */
const sockets = new WeakSet<Socket>();

export function shellAddress({ runFolder }: Pick<Topology, 'runFolder'>): { socketPath: string } {
  return { socketPath: path.join(runFolder, 'shell.sock') };
}

/** The public API for `scripts/kosmos`, on a socket in a folder that is open to the user alone who runs the appliance. */
export async function listenForShell(app: App, topology: Topology): Promise<http.Server> {
  const server = http.createServer(app.routing);
  server.on('connection', (socket) => {
    sockets.add(socket);
    // COMPAT: a Unix socket has no address, and @fastify/rate-limit 11 fails without one. May go when it does not.
    Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
  });
  await listen(server, shellAddress(topology));
  return server;
}

/**
 * Whoever has the data folder is the appliance's admin: the one that the header `x-kosmos-as` names, or the first. Undefined for a
 * request from elsewhere, and before there is an admin.
 */
export async function findShellCaller(request: FastifyRequest, database: Database): Promise<Caller | undefined> {
  if (!sockets.has(request.raw.socket)) return undefined;
  const name = request.headers['x-kosmos-as'];
  const account = typeof name === 'string' ? await getAdmin(database, name) : await findFirstAdmin(database);
  if (!account) return undefined;
  const now = new Date().toISOString();
  const times = { createdAt: now, seenAt: now, expiresAt: now };
  return { account, isShell: true, session: { id: 'shell', kind: 'program', userAgent: null, address: null, ...times } };
}

async function getAdmin(database: Database, name: string): Promise<Account> {
  const account = await findAccount(database, name);
  if (!account?.isAdmin || account.disabledAt) throw new KosmosError('KOSMOS_ERR_FORBIDDEN', { action: `act as ${name.slice(0, 40)}` });
  return account;
}

async function findFirstAdmin(database: Database): Promise<Account | undefined> {
  const admins = database.selectFrom('accounts').selectAll().where('is_admin', '=', 1).where('disabled_at', 'is', null);
  const row = await admins.orderBy('created_at').limit(1).executeTakeFirst();
  return row && presentAccountRow(row);
}
