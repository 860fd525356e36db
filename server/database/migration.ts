export type Dialect = 'sqlite' | 'postgres';

/** One step of the schema. Both ways are plain SQL statements, so that the way back can be stored in the database. */
export interface Migration {
  /** Four digits and a name; the order of names is the order of steps. */
  readonly name: string;
  up(dialect: Dialect): readonly string[];
  down(dialect: Dialect): readonly string[];
}
