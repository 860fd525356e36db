import http from 'node:http';
import { healthListener, listen, runProgram } from '../foundation/program.ts';
import { topologyOf } from '../foundation/topology.ts';
import { Daemon } from './daemon.ts';

await runProgram('daemon', async ({ settings, logger, stopping }) => {
  const daemon = new Daemon({ settings, logger, stopping }, []);
  await daemon.start();
  const server = http.createServer(healthListener(() => daemon.health()));
  await listen(server, topologyOf(settings).daemon);
  return async () => {
    server.close();
    server.closeAllConnections();
    await daemon.close();
  };
});
