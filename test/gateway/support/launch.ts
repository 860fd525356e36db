import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { House } from './house.ts';

export const gatewayProgram = path.join(import.meta.dirname, '../../../server/gateway/main.ts');
/** Without limits for a member, and with a word on its heap for whoever asks. */
export const unlimitedGateway = path.join(import.meta.dirname, 'unlimited-gateway.ts');
const PATIENCE = 30_000;

/** The gateway of a house in a process of its own; resolves once it answers. It connects to Ergo itself, not through the house's line. */
export async function launchGateway(house: House, program = gatewayProgram, flags: readonly string[] = []): Promise<ChildProcess> {
  const { settings, ergo } = house;
  const env = {
    ...process.env,
    ...{ KOSMOS_DATA: settings.dataFolder, KOSMOS_LOG_LEVEL: 'error', KOSMOS_PORT: String(settings.port) },
    ...{ KOSMOS_IRC_PORT: String(ergo.port), KOSMOS_IRCS_PORT: String(settings.ircsPort) },
    ...{ KOSMOS_XMPP_PORT: String(settings.xmppPort), KOSMOS_INTERNAL_PORT: String(settings.internalPort) },
  };
  const args = [...flags, '--expose-gc', '--import', 'tsx', program];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await untilIt(() => house.health(), 'the gateway answers');
  return child;
}

/** Tries until it does not throw. */
export async function untilIt<T>(attempt: () => Promise<T>, what: string): Promise<T> {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`not within ${PATIENCE / 1000} s: ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
