import type { Migration } from '../migration.ts';

const roles = "('owner', 'admin', 'member', 'guest')";
const homes = "('irc', 'xmpp')";

export const teams: Migration = {
  name: '0002-teams',
  up: () => [
    `create table teams (
      id text primary key, slug text not null unique, name text not null,
      home text not null check (home in ${homes}), created_at text not null)`,
    `create table members (
      team_id text not null references teams (id) on delete cascade,
      account_id text not null references accounts (id) on delete cascade,
      role text not null check (role in ${roles}), joined_at text not null,
      primary key (team_id, account_id))`,
    'create index members_account on members (account_id)',
    `create table channels (
      id text primary key, team_id text not null references teams (id) on delete cascade,
      name text not null, topic text not null, is_private integer not null,
      home text not null check (home in ${homes}), address text not null,
      created_at text not null, archived_at text,
      unique (team_id, name), unique (home, address))`,
    `create table channel_members (
      channel_id text not null references channels (id) on delete cascade,
      account_id text not null references accounts (id) on delete cascade,
      added_at text not null,
      primary key (channel_id, account_id))`,
    'create index channel_members_account on channel_members (account_id)',
    `create table invites (
      id text primary key, token_hash text not null unique,
      team_id text not null references teams (id) on delete cascade,
      role text not null check (role in ${roles}),
      created_by text not null references accounts (id) on delete cascade,
      created_at text not null, expires_at text not null,
      uses_left integer not null check (uses_left >= 0), revoked_at text)`,
    'create index invites_team on invites (team_id)',
  ],
  down: () => ['drop table invites', 'drop table channel_members', 'drop table channels', 'drop table members', 'drop table teams'],
};
