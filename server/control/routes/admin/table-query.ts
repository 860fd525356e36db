import type { TablePart } from '../../../teams/people-table.ts';

interface Query<Column extends string> {
  readonly limit?: number;
  readonly offset?: number;
  readonly sort?: Column;
  readonly order?: 'asc' | 'desc';
  readonly search?: string;
}

export function partOf<Column extends string>({ limit = 50, offset = 0, sort, order, search }: Query<Column>): TablePart<Column> {
  return { limit, offset, sort, order, search: search?.trim() || undefined };
}
