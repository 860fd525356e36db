import type { Migration } from '../migration.ts';

/** FTS5's trigrams of the channel: two characters of a private area that number it, and one that no other use has (archive/search.ts). */
const channelToken = (row: string): string => `char(57344 + ${row}.channel / 6400, 57344 + ${row}.channel % 6400, 63743)`;
const spoken = (row: string): string => `${row}.kind in ('text', 'action', 'notice')`;
const putIntoIndex = `insert into message_search (rowid, text, channel)
  select new.position, new.text, ${channelToken('new')} where new.text <> ''`;
const takeFromIndex = 'delete from message_search where rowid = old.position';

const sqliteSearch = [
  `create virtual table message_search using fts5 (text, channel, content = '', contentless_delete = 1, tokenize = 'trigram')`,
  `create trigger message_appended after insert on messages when ${spoken('new')} begin ${putIntoIndex}; end`,
  `create trigger message_amended after update of text on messages when ${spoken('new')} begin ${takeFromIndex}; ${putIntoIndex}; end`,
  `create trigger message_purged after delete on messages when ${spoken('old')} begin ${takeFromIndex}; end`,
];

const postgresSearch = [
  'create extension if not exists pg_trgm',
  'create extension if not exists btree_gin',
  `create index message_search on messages using gin (channel, text gin_trgm_ops) where kind in ('text', 'action', 'notice')`,
];

export const archive: Migration = {
  name: '0005-archive',
  up: (dialect) => [
    `create table archive_channels (
      number ${dialect === 'sqlite' ? 'integer primary key autoincrement' : 'integer generated always as identity primary key'},
      channel_id text not null unique)`,
    `create table messages (
      position ${dialect === 'sqlite' ? 'integer' : 'bigint'} primary key, channel integer not null references archive_channels (number),
      server_id text not null, origin_id text, kind text not null,
      sender text not null, nick text not null, account text,
      text text not null, original text, reply_to text, attachment text,
      has_link integer not null, has_file integer not null,
      sent_at text not null, edited_at text, deleted_at text)`,
    'create unique index messages_channel on messages (channel, position)',
    'create unique index messages_server_id on messages (channel, server_id)',
    'create index messages_origin_id on messages (channel, origin_id) where origin_id is not null',
    'create index messages_sender on messages (sender, position)',
    'create index messages_link on messages (position) where has_link = 1',
    'create index messages_file on messages (position) where has_file = 1',
    `create table amendments (
      channel integer not null references archive_channels (number),
      target text not null, kind text not null check (kind in ('edit', 'deletion')), server_id text not null,
      sender text not null, text text not null, at text not null,
      primary key (channel, target, kind, server_id))`,
    `create table reactions (
      channel integer not null references archive_channels (number),
      target text not null, sender text not null, emoji text not null, nick text not null, at text not null,
      primary key (channel, target, sender, emoji))`,
    ...(dialect === 'sqlite' ? sqliteSearch : postgresSearch),
  ],
  down: (dialect) => [
    'drop table reactions',
    'drop table amendments',
    ...(dialect === 'sqlite' ? ['drop table message_search'] : []),
    'drop table messages',
    'drop table archive_channels',
  ],
};
