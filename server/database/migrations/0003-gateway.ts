import type { Migration } from '../migration.ts';

export const gateway: Migration = {
  name: '0003-gateway',
  up: () => [
    `create table gateway_sessions (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      platform text not null, actor_id text not null, actor text not null,
      credentials text not null, rooms text not null, created_at text not null,
      unique (account_id, platform, actor_id))`,
  ],
  down: () => ['drop table gateway_sessions'],
};
