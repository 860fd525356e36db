import { listen, runProgram } from '../foundation/program.ts';
import { allowing } from '../foundation/public-address.ts';
import { loadKey, loadSecret } from '../foundation/secrets.ts';
import { topologyOf } from '../foundation/topology.ts';
import { findSetting } from '../database/settings.ts';
import { RemoteStorage } from '../archive/remote-storage.ts';
import { TeamStorage } from '../archive/team-storage.ts';
import { Daemon } from './daemon.ts';
import { TeamDocuments } from './documents/document-store.ts';
import { DocumentWriter } from './documents/writer.ts';
import { createHttp } from './http.ts';
import { internalRoutes } from './internal.ts';
import { Previews } from './previews/previews.ts';
import { previewRoutes } from './previews/routes.ts';
import { Attention } from './push/attention.ts';
import { Focus } from './push/focus.ts';
import { Herald } from './push/herald.ts';
import { Pusher } from './push/pusher.ts';
import { pushRoutes } from './push/routes.ts';
import { PushService } from './push/service.ts';
import { loadVapid } from './push/vapid.ts';
import { incomingWebhooks } from './webhooks/incoming.ts';
import { OutgoingWebhooks } from './webhooks/outgoing.ts';

await runProgram('daemon', async ({ settings, logger, stopping }) => {
  const focus = new Focus();
  const inner = new Set<string>();
  const findAddresses = allowing(inner);
  const openAttention = (daemon: Daemon, domain: string): Attention => {
    const service = new PushService(loadVapid(settings.dataFolder, domain), findAddresses, inner);
    const herald = new Herald(daemon.database, new Pusher(daemon.database, service, logger), focus);
    return new Attention(daemon.outbox, herald, logger);
  };
  const openOutgoing = ({ database }: Daemon): OutgoingWebhooks =>
    new OutgoingWebhooks(database, loadKey(settings.dataFolder, 'encryption'), logger, findAddresses);
  const openDocuments = ({ database, outbox }: Daemon, domain: string): DocumentWriter => {
    const accounts = new TeamStorage(outbox, loadKey(settings.dataFolder, 'encryption'));
    const documents = new TeamDocuments(new RemoteStorage(topologyOf(settings).storage), accounts);
    return new DocumentWriter(database, documents, domain, logger);
  };
  const listeners = { attention: openAttention, outgoing: openOutgoing, documents: openDocuments };
  const daemon = new Daemon({ settings, logger, stopping }, listeners);
  for (const place of (await findSetting(daemon.database, 'innerPlaces')) ?? []) inner.add(place);
  const app = createHttp(logger, () => daemon.health());
  incomingWebhooks(app, daemon.database, (channel, utterance) => daemon.channels.say(channel, utterance));
  pushRoutes(app, { database: daemon.database, control: daemon.control, attention: () => daemon.listener('attention'), focus });
  previewRoutes(app, { database: daemon.database, control: daemon.control, previews: new Previews(daemon.database, findAddresses) });
  internalRoutes(app, {
    database: daemon.database,
    secret: loadSecret(settings.dataFolder, 'internal'),
    attention: () => daemon.listener('attention'),
    outgoing: () => daemon.listener('outgoing'),
  });
  await daemon.start();
  await app.ready();
  await listen(app.server, topologyOf(settings).daemon);
  return async () => {
    app.server.closeAllConnections();
    await app.close();
    await daemon.close();
  };
});
