import type { Migration } from '../migration.ts';

/** Where sessions to other servers go on after the gateway's own downtime. */
export const gatewayProgress: Migration = {
  name: '0011-gateway',
  up: () => [`alter table gateway_sessions add column heard text not null default '{}'`],
  down: () => ['alter table gateway_sessions drop column heard'],
};
