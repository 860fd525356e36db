import type { Dialect, Migration } from '../migration.ts';

const ofAccount = 'account_id text not null references accounts (id) on delete cascade';

/** Lines of the audit log outlive what they tell of, so they refer to nothing. */
const auditTable = (dialect: Dialect): string[] => [
  `create table acts (
    id ${dialect === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key'},
    at text not null, actor text, via text not null, address text, action text not null,
    team_id text, team text, target text, details text not null)`,
  'create index acts_team on acts (team_id, id)',
  'create index acts_at on acts (at)',
];

const columns = [
  'alter table teams add column accent text',
  'alter table teams add column logo text',
  'alter table teams add column retention_days integer',
  'alter table channels add column is_default integer not null default 0',
  'alter table accounts add column email text',
  'alter table invites add column uses integer not null default 0',
  'update invites set uses = uses_left',
];

export const admin: Migration = {
  name: '0009-admin',
  up: (dialect) => [
    ...auditTable(dialect),
    ...columns,
    `create table logos (hash text primary key, type text not null, content ${dialect === 'sqlite' ? 'blob' : 'bytea'} not null)`,
    `create table invite_uses (
      invite_id text not null references invites (id) on delete cascade, ${ofAccount}, used_at text not null,
      primary key (invite_id, account_id))`,
    `create table account_seen (${ofAccount}, protocol text not null, seen_at text not null, primary key (account_id, protocol))`,
    `create table reset_links (
      token_hash text primary key, ${ofAccount}, created_at text not null, expires_at text not null)`,
    'create index reset_links_account on reset_links (account_id)',
    `create table registrations (
      token_hash text primary key, name text not null, display_name text, email text not null, keys text not null,
      team_id text not null references teams (id) on delete cascade, created_at text not null, expires_at text not null)`,
  ],
  down: () => [
    'drop table registrations',
    'drop table reset_links',
    'drop table account_seen',
    'drop table invite_uses',
    'drop table logos',
    'alter table invites drop column uses',
    'alter table accounts drop column email',
    'alter table channels drop column is_default',
    'alter table teams drop column retention_days',
    'alter table teams drop column logo',
    'alter table teams drop column accent',
    'drop table acts',
  ],
};
