import type { Migration } from '../migration.ts';

const ofChannel = 'channel_id text not null references channels (id) on delete cascade';
const ofAccount = 'account_id text not null references accounts (id) on delete cascade';

const webhookTables = [
  `create table webhooks (
    id text primary key, ${ofChannel}, name text not null, secret_hash text not null unique,
    created_by text references accounts (id) on delete set null, created_at text not null,
    used_at text, last_error text)`,
  'create index webhooks_channel on webhooks (channel_id)',
  `create table webhook_deliveries (
    webhook_id text not null references webhooks (id) on delete cascade,
    delivery text not null, at text not null, primary key (webhook_id, delivery))`,
  'create index webhook_deliveries_at on webhook_deliveries (at)',
  `create table outgoing_webhooks (
    id text primary key, ${ofChannel}, name text not null, url text not null, secret text not null,
    trigger text not null check (trigger in ('message', 'mention')), word text,
    created_by text references accounts (id) on delete set null, created_at text not null)`,
  'create index outgoing_webhooks_channel on outgoing_webhooks (channel_id)',
  `create table outgoing_deliveries (
    id text primary key, webhook_id text not null references outgoing_webhooks (id) on delete cascade,
    body text not null, created_at text not null, attempts integer not null, next_at text,
    status integer, outcome text)`,
  'create index outgoing_deliveries_next on outgoing_deliveries (next_at) where next_at is not null',
  'create index outgoing_deliveries_webhook on outgoing_deliveries (webhook_id, created_at)',
];

const attentionTables = (bigint: string): string[] => [
  `create table read_markers (${ofAccount}, ${ofChannel}, position ${bigint} not null, primary key (account_id, channel_id))`,
  `create table mentions (${ofAccount}, ${ofChannel}, position ${bigint} not null, primary key (account_id, channel_id, position))`,
  `create table attention_levels (${ofAccount}, ${ofChannel},
    level text not null check (level in ('all', 'mentions', 'none')), primary key (account_id, channel_id))`,
  `create table push_preferences (
    account_id text primary key references accounts (id) on delete cascade,
    shows_content integer not null, quiet_from text, quiet_until text, time_zone text not null)`,
  `create table push_subscriptions (
    id text primary key, ${ofAccount}, endpoint text not null unique, p256dh text not null, auth text not null,
    user_agent text, created_at text not null, delivered_at text, last_error text)`,
  'create index push_subscriptions_account on push_subscriptions (account_id)',
];

const documentTables = [
  `create table document_days (${ofChannel}, day text not null,
    is_dirty integer not null, is_new integer not null, primary key (channel_id, day))`,
  'create index document_days_dirty on document_days (channel_id) where is_dirty = 1',
  `create table published_channels (channel_id text primary key references channels (id) on delete cascade)`,
  `create table team_storage (
    team_id text primary key references teams (id) on delete cascade, ${ofAccount}, token text not null)`,
];

export const daemon: Migration = {
  name: '0006-daemon',
  up: (dialect) => [
    ...documentTables,
    ...webhookTables,
    ...attentionTables(dialect === 'sqlite' ? 'integer' : 'bigint'),
    `create table link_previews (
      url text primary key, preview text, fetched_at text not null)`,
    'create index link_previews_fetched on link_previews (fetched_at)',
  ],
  down: () => [
    'drop table link_previews',
    'drop table push_subscriptions',
    'drop table push_preferences',
    'drop table attention_levels',
    'drop table mentions',
    'drop table read_markers',
    'drop table outgoing_deliveries',
    'drop table outgoing_webhooks',
    'drop table webhook_deliveries',
    'drop table webhooks',
    'drop table team_storage',
    'drop table published_channels',
    'drop table document_days',
  ],
};
