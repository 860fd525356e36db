import type { GatewaySettings } from '../../database/gateway-settings.ts';
import type { ApplianceEvent } from '../../foundation/events.ts';
import { KosmosError } from '../../foundation/errors.ts';
import type { SessionRegistry } from '../sessions/registry.ts';
import type { Surroundings } from '../sessions/surroundings.ts';
import type { Wire } from '../wire/server.ts';

export interface Concerned {
  readonly wire: Pick<Wire, 'end'>;
  readonly registry: Pick<SessionRegistry, 'endAccount' | 'markRead'>;
  readonly surroundings: Pick<Surroundings, 'domain' | 'policy'>;
  findSettings(): Promise<GatewaySettings>;
}

/** What a change in the appliance means here: who lost the right to be connected is parted from at once. */
export async function applyEvent(concerned: Concerned, event: ApplianceEvent): Promise<void> {
  const { wire, registry, surroundings } = concerned;
  if (event.type === 'marker-moved') registry.markRead(event);
  else if (event.type === 'domain-changed') surroundings.domain = event.domain;
  else if (event.type === 'gateway-changed') {
    surroundings.policy = await concerned.findSettings();
    if (!surroundings.policy.guests) wire.end(({ account }) => account.isGuest === true, new KosmosError('KOSMOS_ERR_UNAUTHENTICATED'));
  } else if (event.type === 'session-ended') {
    wire.end(({ session }) => session.id === event.session, new KosmosError('KOSMOS_ERR_UNAUTHENTICATED'));
  } else if (event.type === 'account-disabled') {
    wire.end(({ account }) => account.id === event.account, new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED'));
    await registry.endAccount(event.account, 'all');
  } else if (event.type === 'password-changed' || event.type === 'sessions-ended') {
    // Control keeps the session that changed it: its socket comes straight back, the others are refused.
    wire.end(({ account }) => account.id === event.account);
  } else if (event.type === 'member-removed') {
    // Still an account, perhaps of another team: it logs in to the servers anew, with what it may do now.
    wire.end(({ account }) => account.id === event.account);
    await registry.endAccount(event.account, 'team');
  }
}
