import { listen, runProgram } from '../foundation/program.ts';
import { loadKey } from '../foundation/secrets.ts';
import { topologyOf } from '../foundation/topology.ts';
import { createGrant } from '../identity/storage-grants.ts';
import { Daemon } from './daemon.ts';
import { RemoteStorage } from './documents/document-store.ts';
import { TeamStorage } from './documents/team-storage.ts';
import { DocumentWriter } from './documents/writer.ts';
import { createHttp } from './http.ts';
import { Previews } from './previews/previews.ts';
import { previewRoutes } from './previews/routes.ts';
import { Attention } from './push/attention.ts';
import { Focus } from './push/focus.ts';
import { Pusher } from './push/pusher.ts';
import { pushRoutes } from './push/routes.ts';
import { PushService } from './push/service.ts';
import { loadVapid } from './push/vapid.ts';
import { incomingWebhooks } from './webhooks/incoming.ts';
import { OutgoingWebhooks } from './webhooks/outgoing.ts';

await runProgram('daemon', async ({ settings, logger, stopping }) => {
  const focus = new Focus();
  const openAttention = (daemon: Daemon, domain: string): Attention => {
    const service = new PushService(loadVapid(settings.dataFolder, domain));
    return new Attention(daemon.database, new Pusher(daemon.database, service, logger), focus, logger);
  };
  const openOutgoing = ({ database }: Daemon): OutgoingWebhooks =>
    new OutgoingWebhooks(database, loadKey(settings.dataFolder, 'encryption'), logger);
  const openDocuments = ({ database, outbox }: Daemon, domain: string): DocumentWriter => {
    const accounts = new TeamStorage(outbox, loadKey(settings.dataFolder, 'encryption'), async (change, account) => {
      const { token } = await createGrant(change.queries, account, 'daemon', [{ module: 'chat-messages', level: 'rw' }]);
      return token;
    });
    return new DocumentWriter(database, new RemoteStorage(topologyOf(settings).storage, accounts), domain, logger);
  };
  const listeners = { attention: openAttention, outgoing: openOutgoing, documents: openDocuments };
  const daemon = new Daemon({ settings, logger, stopping }, listeners);
  const app = createHttp(logger, () => daemon.health());
  incomingWebhooks(app, daemon.database, (channel, utterance) => daemon.channels.say(channel, utterance));
  pushRoutes(app, { database: daemon.database, control: daemon.control, attention: () => daemon.listener('attention'), focus });
  previewRoutes(app, { database: daemon.database, control: daemon.control, previews: new Previews(daemon.database) });
  await daemon.start();
  await app.ready();
  await listen(app.server, topologyOf(settings).daemon);
  return async () => {
    app.server.closeAllConnections();
    await app.close();
    await daemon.close();
  };
});
