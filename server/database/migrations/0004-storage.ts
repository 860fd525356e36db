import type { Migration } from '../migration.ts';

export const storage: Migration = {
  name: '0004-storage',
  up: (dialect) => {
    const bigint = dialect === 'sqlite' ? 'integer' : 'bigint';
    return [
      `create table storage_grants (
      id text primary key, token_hash text not null unique,
      account_id text not null references accounts (id) on delete cascade,
      session_id text references sessions (id) on delete cascade,
      client text not null, scopes text not null,
      created_at text not null, used_at text)`,
      'create index storage_grants_account on storage_grants (account_id)',
      'create index storage_grants_session on storage_grants (session_id)',
      `create table storage_accounts (
      account_id text primary key references accounts (id) on delete cascade,
      revision ${bigint} not null, bytes ${bigint} not null, quota ${bigint})`,
      `create table storage_items (
      account_id text not null references accounts (id) on delete cascade,
      folder text not null, name text not null, is_folder integer not null,
      etag text not null, type text, length ${bigint}, blob text, modified_at text not null,
      primary key (account_id, folder, name))`,
      `create table storage_contents (
      id text primary key, account_id text not null references accounts (id) on delete cascade,
      content ${dialect === 'sqlite' ? 'blob' : 'bytea'} not null)`,
      'create index storage_contents_account on storage_contents (account_id)',
    ];
  },
  down: () => ['drop table storage_contents', 'drop table storage_items', 'drop table storage_accounts', 'drop table storage_grants'],
};
