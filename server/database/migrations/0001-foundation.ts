import type { Migration } from '../migration.ts';

export const foundation: Migration = {
  name: '0001-foundation',
  up: (dialect) => [
    'create table settings (key text primary key, value text not null)',
    `create table events (
      id ${dialect === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key'},
      type text not null, body text not null, at text not null)`,
    `create table accounts (
      id text primary key, name text not null unique, display_name text,
      is_admin integer not null default 0, is_bot integer not null default 0,
      created_at text not null, disabled_at text)`,
    `create table credentials (
      account_id text not null references accounts (id) on delete cascade,
      hash text not null check (hash in ('SHA-1', 'SHA-256')),
      salt text not null, iterations integer not null, stored_key text not null, server_key text not null,
      primary key (account_id, hash))`,
    `create table sessions (
      id text primary key, token_hash text not null unique,
      account_id text not null references accounts (id) on delete cascade,
      kind text not null check (kind in ('browser', 'program')),
      user_agent text, address text,
      created_at text not null, seen_at text not null, expires_at text not null)`,
    'create index sessions_account on sessions (account_id)',
    'create index sessions_expiry on sessions (expires_at)',
  ],
  down: () => ['drop table sessions', 'drop table credentials', 'drop table accounts', 'drop table events', 'drop table settings'],
};
