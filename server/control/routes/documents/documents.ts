import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { loadKey } from '../../../foundation/secrets.ts';
import { placeOf } from '../../../archive/chat-messages.ts';
import { announceDays, chooseVisibility, findVisibility, findWritten } from '../../../archive/document-days.ts';
import { importDocument } from '../../../archive/import.ts';
import { importFolder, type FolderImport, type FolderSource } from '../../../archive/import-folder.ts';
import { RemoteStorage } from '../../../archive/remote-storage.ts';
import { TeamStorage } from '../../../archive/team-storage.ts';
import type { Account } from '../../../identity/accounts.ts';
import { createGrant, revokeGrant, storageRootOf } from '../../../identity/storage-grants.ts';
import type { Channel } from '../../../teams/channels.ts';
import type { App } from '../../app-type.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { getChannelFor } from '../channels/channels.ts';
import { recorded } from '../recorded.ts';
import * as schema from './schema.ts';

const path = '/api/teams/:team/channels/:channel';
/** A busy day of a large channel. */
const LARGEST_DOCUMENT = 16 * 1024 * 1024;
const FOLDER = /^chat-messages(\/[^/]+)+$/;

export function documentRoutes(app: App, services: Services): void {
  app.get(`${path}/documents`, { schema: schema.documentsSchema }, async (request) => {
    const { channel } = await getChannelFor(services, request, request.params, 'read this channel');
    return present(services, request, channel);
  });

  app.put(`${path}/documents`, { schema: schema.changeDocumentsSchema }, async (request) => {
    const place = await getChannelFor(services, request, request.params, 'let what is said in this channel out');
    const { channel } = place;
    await recorded(services, request, 'channel.documents', place, (change) => chooseVisibility(change, channel, request.body.visibility));
    return present(services, request, channel);
  });
}

export function importRoutes(app: App, services: Services): void {
  const { database } = services;

  app.post(`${path}/import`, { schema: schema.importSchema, bodyLimit: LARGEST_DOCUMENT }, async (request, reply) => {
    const place = await getChannelFor(services, request, request.params, 'import into this channel');
    const { channel } = place;
    const messages = await importDocument(database, channel.id, request.body);
    await recorded(services, request, 'channel.import', place, (change) => announceDays(change, channel));
    return reply.code(201).send({ messages });
  });

  app.post(`${path}/import/folder`, { schema: schema.importFolderSchema }, async (request) => {
    const place = await getChannelFor(services, request, request.params, 'import into this channel');
    const { channel, actor } = place;
    const { from, folder = '', after } = request.body;
    const take = (source: FolderSource): Promise<FolderImport> => importFolder(database, channel.id, source, after);
    const imported =
      from === 'team' ? await take(await teamFolder(services, channel)) : await withOwnFolder(services, actor.account, folder, take);
    await recorded(services, request, 'channel.import', place, (change) => announceDays(change, channel));
    return { ...imported, refused: [...imported.refused] };
  });
}

async function present(services: Services, request: FastifyRequest, channel: Channel) {
  const { database, house } = services;
  const visibility = await findVisibility(database, channel.id);
  const root = await teamStorage(services).findRoot(channel.teamId);
  const isPublic = visibility === 'public' && root !== undefined;
  const { folder } = placeOf(channel, house.domain);
  return {
    ...{ visibility, ...(await findWritten(database, channel.id)) },
    folder: isPublic ? `${originOf(services, request)}${root}/public/${encodeURI(folder)}/` : null,
  };
}

/** Of the team's storage the channel's own folder alone: others may be of channels that the caller may not read. */
async function teamFolder(services: Services, channel: Channel): Promise<FolderSource> {
  const access = await teamStorage(services).accessFor(channel.teamId);
  const isPublic = (await findVisibility(services.database, channel.id)) === 'public';
  const { folder } = placeOf(channel, services.house.domain);
  return { storage: storageOf(services), access, folder: isPublic ? `public/${folder}` : folder };
}

/** By a token that lives as long as the import. */
async function withOwnFolder<T>(
  services: Services,
  account: Account,
  folder: string,
  work: (source: FolderSource) => Promise<T>,
): Promise<T> {
  if (!FOLDER.test(folder)) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'folder is to begin with chat-messages/' });
  const { database } = services;
  const { token, grant } = await createGrant(database, account, 'import', [{ module: 'chat-messages', level: 'r' }]);
  try {
    return await work({ storage: storageOf(services), access: { root: storageRootOf('', account.name), token }, folder });
  } finally {
    await revokeGrant(database, account, grant.id);
  }
}

function storageOf({ topology }: Services): RemoteStorage {
  return new RemoteStorage(topology.storage);
}

function teamStorage({ outbox, settings }: Services): TeamStorage {
  return new TeamStorage(outbox, loadKey(settings.dataFolder, 'encryption'));
}
