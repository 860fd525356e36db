import http from 'node:http';
import { healthListener, listen, runProgram } from '../foundation/program.ts';
import { topologyOf } from '../foundation/topology.ts';

await runProgram('daemon', async ({ settings }) => {
  const server = http.createServer(healthListener(() => ({})));
  await listen(server, topologyOf(settings).daemon);
  return async () => void server.closeAllConnections();
});
