import { tracked } from '@glimmer/tracking';
import { api } from '../../../lib/api.ts';
import { settled } from '../../../lib/forms.ts';

/** What a table asks the server for. */
interface Query {
  q: string;
  sort: string;
  order: 'asc' | 'desc';
  page: number;
  size: number;
  filters: Record<string, string>;
}

interface Page<Row> {
  rows: readonly Row[];
  total: number;
}

interface Options {
  /** Where the server answers, and the field of its answer that holds the rows. */
  path: string;
  noun: string;
  sort: string;
  order?: 'asc' | 'desc';
  size?: number;
  filters?: Record<string, string>;
  /** Filters that belong to the page and are no choice of the reader. */
  fixed?: readonly string[];
}

/** One page of a table as the server sorted, filtered and cut it; an answer that a later question overtook is dropped. */
export class Listing<Row> {
  @tracked rows: readonly Row[] = [];
  @tracked total = 0;
  @tracked isLoading = true;
  @tracked error: unknown;
  @tracked query: Query;
  private asked = 0;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
    const { sort, order = 'asc', size = 25, filters = {} } = options;
    this.query = { q: '', sort, order, page: 0, size, filters };
    void this.refresh();
  }

  get isFiltered(): boolean {
    const { q, filters } = this.query;
    return q !== '' || Object.entries(filters).some(([name, value]) => value !== '' && !this.options.fixed?.includes(name));
  }

  get isEmpty(): boolean {
    return !this.isLoading && this.error === undefined && this.rows.length === 0;
  }

  get from(): number {
    return this.rows.length === 0 ? 0 : this.query.page * this.query.size + 1;
  }

  get to(): number {
    return this.query.page * this.query.size + this.rows.length;
  }

  get hasNext(): boolean {
    return this.to < this.total;
  }

  search = (q: string) => this.change({ q: q.trim(), page: 0 });

  sortBy = (sort: string) => {
    const order = this.query.sort === sort && this.query.order === 'asc' ? 'desc' : 'asc';
    this.change({ sort, order, page: 0 });
  };

  filter = (name: string, value: string) => this.change({ filters: { ...this.query.filters, [name]: value }, page: 0 });

  turn = (by: number) => this.change({ page: Math.max(0, this.query.page + by) });

  /** The same page again: something there has changed. */
  refresh = async (): Promise<void> => {
    const asked = ++this.asked;
    try {
      const { rows, total } = await this.load();
      if (asked !== this.asked) return;
      this.rows = rows;
      this.total = total;
      this.error = undefined;
      // The last row of the last page has gone.
      if (rows.length === 0 && total > 0 && this.query.page > 0) this.turn(-1);
    } catch (error) {
      if (asked === this.asked) this.error = error;
    } finally {
      if (asked === this.asked) this.isLoading = false;
    }
  };

  /** For a stream of events: many at once are one question. */
  refreshSoon = settled(250, () => void this.refresh());

  private async load(): Promise<Page<Row>> {
    const { q, sort, order, page, size, filters } = this.query;
    const { path, noun } = this.options;
    const asked = queryString({ search: q, sort, order, limit: size, offset: page * size, ...filters });
    const answer = await api<Record<string, unknown> & { total: number }>('GET', path + asked);
    return { rows: answer[noun] as Row[], total: answer.total };
  }

  private change(part: Partial<Query>): void {
    this.query = { ...this.query, ...part };
    this.isLoading = true;
    void this.refresh();
  }
}

/** `?q=…&page=…` of what is set. */
export function queryString(parts: Record<string, string | number | undefined>): string {
  const given = Object.entries(parts).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
