import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createLogger } from '../../../server/foundation/logging.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import type { Appliance } from '../../../server/components/component.ts';
import { prosody } from '../../../server/components/prosody/component.ts';
import { House, DOMAIN } from '../../gateway/support/house.ts';
import { makeCertificate } from '../../gateway/support/ergo.ts';
import { launchGateway, unlimitedGateway, untilIt } from '../../gateway/support/launch.ts';
import { People } from '../../support/people.ts';

/** Ergo, Prosody as the appliance configures it, what the gateway asks of control, and the gateway in a process of its own. */
export interface Place {
  readonly house: House;
  readonly gateway: ChildProcess;
  readonly pids: { readonly gateway: number; readonly irc: number; readonly xmpp: number };
  /** Makes the channels of a team on XMPP, open to everybody named. */
  provide(channels: readonly string[], names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** `BENCH_PROFILE` names a folder for profiles of the gateway's processor time. */
const profile = process.env['BENCH_PROFILE'];

export async function openPlace(): Promise<Place> {
  const house = await House.open();
  await house.gateway.close();
  const appliance = applianceOf(house);
  prosody.configure(appliance);
  const { command, args, folder } = prosody.launch(appliance);
  const server = spawn(command, args, { cwd: folder, stdio: 'ignore' });
  await untilIt(() => prosody.checkReady(appliance, AbortSignal.timeout(2_000)), 'Prosody answers');
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const gateway = await launchGateway(house, unlimitedGateway, flags);
  const provisioner = prosody.createProvisioner?.(appliance);
  const people = new People(house.control.database);
  let teams = 0;
  return {
    house,
    gateway,
    pids: { gateway: gateway.pid ?? 0, irc: house.ergo.pid, xmpp: server.pid ?? 0 },
    provide: async (channels, names) => {
      const team = await people.team(`Bench ${(teams += 1)}`, 'xmpp');
      for (const name of names) await people.member(team, name);
      for (const channel of channels) await people.channel(team, channel);
      await provisioner?.reconcile(AbortSignal.timeout(30_000));
    },
    close: async () => {
      await provisioner?.close();
      for (const child of [gateway, server]) await ended(child);
      await house.close();
    },
  };
}

function applianceOf({ settings, control, folder }: House): Appliance {
  const tls = path.join(folder, 'tls');
  mkdirSync(tls, { recursive: true });
  makeCertificate(tls, 'server', DOMAIN);
  return {
    settings,
    topology: topologyOf(settings),
    domain: DOMAIN,
    database: control.database,
    logger: createLogger('control', 'silent'),
    certificate: { certificateFile: path.join(tls, 'server.crt'), keyFile: path.join(tls, 'server.key') },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
