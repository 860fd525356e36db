import type { Migration } from '../migration.ts';

const ofAccount = 'account_id text not null references accounts (id) on delete cascade';

export const secondFactors: Migration = {
  name: '0010-second-factors',
  up: (dialect) => [
    `create table second_factors (
      id text primary key, ${ofAccount}, kind text not null check (kind in ('totp', 'passkey')),
      name text not null, created_at text not null, confirmed_at text, used_at text,
      secret text, last_step ${dialect === 'sqlite' ? 'integer' : 'bigint'},
      credential text unique, public_key text, counter ${dialect === 'sqlite' ? 'integer' : 'bigint'}, transports text, domain text)`,
    'create index second_factors_account on second_factors (account_id)',
    `create table recovery_codes (${ofAccount}, hash text not null, used_at text, primary key (account_id, hash))`,
    `create table client_credentials (
      ${ofAccount}, hash text not null check (hash in ('SHA-1', 'SHA-256')),
      salt text not null, iterations integer not null, stored_key text not null, server_key text not null,
      created_at text not null, primary key (account_id, hash))`,
  ],
  down: () => ['drop table client_credentials', 'drop table recovery_codes', 'drop table second_factors'],
};
