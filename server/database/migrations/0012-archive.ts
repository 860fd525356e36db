import type { Migration } from '../migration.ts';

/** Characters of scripts that are written without spaces (archive/bigrams.ts), as bounds of their numbers. */
const ranges = [
  [0x3005, 0x3007],
  [0x3040, 0x30ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7af],
  [0xf900, 0xfaff],
  [0xff66, 0xff9f],
  [0x20000, 0x3ffff],
] as const;

const spoken = "kind in ('text', 'action', 'notice')";
const isOf = (character: string): string =>
  `(${ranges.map(([first, last]) => `unicode(${character}) between ${first} and ${last}`).join(' or ')})`;
const character = (code: number): string => String.fromCodePoint(code);
const set = ranges.map(([first, last]) => `${character(first)}-${character(last)}`).join('');

/** What is archived already: pairs of neighbours, and the last character of a run by itself. */
const sqliteFill = `insert into message_bigrams (rowid, bigrams, channel)
  with recursive pairs (position, channel, text, place, own, following) as (
    select position, channel, text, 1, substr(text, 1, 1), substr(text, 2, 1) from messages where ${spoken} and text glob '*[${set}]*'
    union all
    select position, channel, text, place + 1, following, substr(text, place + 2, 1) from pairs where following <> '')
  select position, group_concat(own || case when ${isOf('following')} then following else '' end, ' '),
    char(57344 + channel / 6400, 57344 + channel % 6400, 63743)
  from pairs where ${isOf('own')} group by position`;

const postgresFill = `insert into message_bigrams (position, channel, bigrams)
  select position, channel, array_to_tsvector(array_agg(distinct characters[place] || coalesce(characters[place + 1], '')))
  from messages, regexp_matches(text, '[${set}]+', 'g') as run, regexp_split_to_array(run[1], '') as characters,
    generate_series(1, array_length(characters, 1)) as place
  where ${spoken} group by position, channel`;

export const archiveBigrams: Migration = {
  name: '0012-archive',
  up: (dialect) =>
    dialect === 'sqlite'
      ? [
          `create virtual table message_bigrams using fts5 (bigrams, channel, content = '', contentless_delete = 1,
            prefix = '1', tokenize = 'ascii')`,
          'create trigger message_bigrams_purged after delete on messages begin delete from message_bigrams where rowid = old.position; end',
          sqliteFill,
        ]
      : [
          `create table message_bigrams (position bigint primary key references messages (position) on delete cascade,
            channel integer not null, bigrams tsvector not null)`,
          postgresFill,
          'create index message_bigrams_search on message_bigrams using gin (channel, bigrams)',
        ],
  down: (dialect) => [...(dialect === 'sqlite' ? ['drop trigger message_bigrams_purged'] : []), 'drop table message_bigrams'],
};
