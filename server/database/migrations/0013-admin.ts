import type { Migration } from '../migration.ts';

/** What came in by webhooks, so that somebody can see why nothing was said. */
export const webhookCalls: Migration = {
  name: '0013-admin',
  up: () => [
    `create table webhook_calls (
      id text primary key, webhook_id text not null references webhooks (id) on delete cascade,
      at text not null, format text, status integer not null, outcome text not null)`,
    'create index webhook_calls_webhook on webhook_calls (webhook_id, at)',
  ],
  down: () => ['drop table webhook_calls'],
};
