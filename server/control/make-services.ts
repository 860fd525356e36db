import type { Logger } from '../foundation/logging.ts';
import { loadKey } from '../foundation/secrets.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Outbox } from '../database/events.ts';
import { Credentials } from '../identity/credentials.ts';
import { Tokens } from '../identity/tokens.ts';
import { Sampler } from '../supervisor/sampler.ts';
import { EventStreams } from './event-streams.ts';
import { Externals } from './externals.ts';
import type { RunningHouse } from './house.ts';
import { Preferences } from './preferences.ts';
import { Presence } from './presence.ts';
import { SecondFactorLogin } from './second-factor-login.ts';
import type { Services } from './services.ts';
import { Versions } from './versions.ts';

interface Parts {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly logger: Logger;
  readonly outbox: Outbox;
  readonly house: RunningHouse;
}

/** All that routes work with, of an appliance that is there. Nothing runs yet: see `startServices`. */
export async function makeServices(parts: Parts): Promise<Services & { house: RunningHouse }> {
  const { settings, outbox, house } = parts;
  const { database } = outbox;
  const credentials = new Credentials(database);
  const preferences = new Preferences(credentials);
  await preferences.refresh(database);
  return {
    ...{ ...parts, database, credentials, preferences, supervisor: house.supervisor, startedAt: new Date().toISOString() },
    tokens: new Tokens(loadKey(settings.dataFolder, 'jwt')),
    presence: new Presence(database, house),
    secondFactors: new SecondFactorLogin({ database, outbox, settings }),
    sampler: new Sampler(house.supervisor.components, settings.dataFolder),
    ...{ versions: new Versions(), externals: new Externals(house, database), eventStreams: new EventStreams() },
  };
}

/** Begins what goes on by itself; returns how to end it. */
export function startServices({ presence, sampler, versions }: Services): () => void {
  presence.start();
  sampler.start();
  void versions.refresh();
  return () => {
    presence.close();
    sampler.close();
  };
}
