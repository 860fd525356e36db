import type { Migration } from '../migration.ts';

const ofAccount = 'account_id text not null references accounts (id) on delete cascade';

export const reach: Migration = {
  name: '0008-reach',
  up: () => [
    `create table channel_documents (
      channel_id text primary key references channels (id) on delete cascade,
      visibility text not null check (visibility in ('public', 'private', 'off')))`,
    "insert into channel_documents (channel_id, visibility) select channel_id, 'public' from published_channels",
    "alter table document_days add column place text check (place in ('public', 'private'))",
    `update document_days set place =
      case when channel_id in (select channel_id from published_channels) then 'public' else 'private' end`,
    'drop table published_channels',
    `create table shown_pushes (${ofAccount}, conversation text not null, primary key (account_id, conversation))`,
    `create table storage_elsewhere (
      account_id text primary key references accounts (id) on delete cascade,
      address text not null, links text not null, checked_at text not null)`,
    'create index events_at on events (at)',
  ],
  down: () => [
    'drop index events_at',
    'drop table storage_elsewhere',
    'drop table shown_pushes',
    'create table published_channels (channel_id text primary key references channels (id) on delete cascade)',
    "insert into published_channels (channel_id) select channel_id from channel_documents where visibility = 'public'",
    'alter table document_days drop column place',
    'drop table channel_documents',
  ],
};
