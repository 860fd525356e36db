import type { Migration } from '../migration.ts';

export const gatewayAbsence: Migration = {
  name: '0007-gateway',
  up: (dialect) => [
    `create table gateway_missed (
      id ${dialect === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key'},
      session_id text not null references gateway_sessions (id) on delete cascade,
      activity text not null)`,
    'create index gateway_missed_session on gateway_missed (session_id, id)',
    `alter table gateway_sessions add column markers text not null default '{}'`,
  ],
  down: () => ['alter table gateway_sessions drop column markers', 'drop table gateway_missed'],
};
