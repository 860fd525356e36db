import { listen, runProgram } from '../foundation/program.ts';
import { topologyOf } from '../foundation/topology.ts';
import { Daemon } from './daemon.ts';
import { createHttp } from './http.ts';
import { incomingWebhooks } from './webhooks/incoming.ts';

await runProgram('daemon', async ({ settings, logger, stopping }) => {
  const daemon = new Daemon({ settings, logger, stopping }, []);
  const app = createHttp(logger, () => daemon.health());
  incomingWebhooks(app, daemon.database, (channel, utterance) => daemon.channels.say(channel, utterance));
  await daemon.start();
  await app.ready();
  await listen(app.server, topologyOf(settings).daemon);
  return async () => {
    app.server.closeAllConnections();
    await app.close();
    await daemon.close();
  };
});
