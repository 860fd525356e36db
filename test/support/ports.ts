import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { eventually } from './eventually.ts';

/** Distinct ports of loopback that nobody listens on right now. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}

/** A free port whose neighbour is free too. */
export async function findFreePair(): Promise<number> {
  for (;;) {
    const [port = 0] = await findFreePorts(1);
    const neighbour = net.createServer().listen(port + 1, '127.0.0.1');
    const free = await Promise.race([once(neighbour, 'listening').then(() => true), once(neighbour, 'error').then(() => false)]);
    neighbour.close();
    if (free) return port;
  }
}

/** What one appliance needs: distinct ports, and a pair for what stays inside. */
export async function findAppliancePorts(): Promise<{ ports: [number, number, number, number]; internalPort: number }> {
  const internalPort = await findFreePair();
  const free = (await findFreePorts(6)).filter((port) => port !== internalPort && port !== internalPort + 1);
  return { ports: free.slice(0, 4) as [number, number, number, number], internalPort };
}

/** Once something listens there. */
export async function untilListening(port: number): Promise<void> {
  const isOpen = async (): Promise<boolean> => {
    const socket = net.connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return connected;
  };
  await eventually(`something listens on port ${port}`, isOpen, 20_000);
}
