import { KosmosError } from '../../../foundation/errors.ts';
import { ns } from './namespaces.ts';
import { limits } from './limits.ts';
import type { Connection } from './stream/connection.ts';
import { childOf, xml, type Element } from './xml/element.ts';

/** A message as an archive keeps it. */
export interface Archived {
  readonly archiveId: string;
  readonly stamp: string;
  readonly stanza: Element;
}

export interface ArchiveQuery {
  /** The room whose archive is asked; the account's own if absent. */
  readonly room?: string;
  /** The person whose messages are wanted from the account's own archive. */
  readonly with?: string;
  /** Ids of the archive or times, both excluded. Without `after` the newest page counts. */
  readonly before?: string;
  readonly after?: string;
  readonly ids?: readonly string[];
  readonly limit: number;
}

export interface ArchivePage {
  /** Oldest first. */
  readonly items: readonly Archived[];
  /** Nothing lies further in the direction that was asked. */
  readonly complete: boolean;
}

/** Message archives (https://xmpp.org/extensions/xep-0313.html) of rooms and of the account. */
export class Archive {
  readonly #connection: Connection;
  readonly #collecting = new Map<string, { readonly by: string | undefined; readonly items: Archived[] }>();
  #count = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** One page. Rejects with StanzaError where there is no such archive or no such id. */
  async page(query: ArchiveQuery): Promise<ArchivePage> {
    const queryId = `a${(++this.#count).toString(36)}`;
    const items: Archived[] = [];
    this.#collecting.set(queryId, { by: query.room, items });
    try {
      const answer = await this.#connection.request('set', query.room, requestOf(queryId, query), 'the history was not given');
      const fin = childOf(answer, 'fin', ns.mam);
      if (fin === undefined) throw new KosmosError('KOSMOS_ERR_SERVER_REFUSED', { reason: 'the history came without an end.' });
      return { items, complete: fin.attributes['complete'] === 'true' || items.length === 0 };
    } finally {
      this.#collecting.delete(queryId);
    }
  }

  /** As many pages as `limit` takes: servers give less at once than they are asked for. */
  async query(query: ArchiveQuery): Promise<ArchivePage> {
    const found: Archived[] = [];
    const isForward = query.after !== undefined;
    let { before, after } = query;
    for (;;) {
      const page = await this.page({ ...query, before, after, limit: Math.min(query.limit - found.length, limits.historyPage) });
      if (isForward) found.push(...page.items);
      else found.unshift(...page.items);
      if (page.complete || found.length >= query.limit) return { items: found, complete: page.complete };
      if (isForward) after = found.at(-1)?.archiveId;
      else before = found[0]?.archiveId;
    }
  }

  /** Takes a result into its page. Only the archive that was asked may answer, or anybody could write history. */
  collect(message: Element, result: Element, own: string): void {
    const collecting = this.#collecting.get(result.attributes['queryid'] ?? '');
    const from = message.attributes['from'];
    const isExpected = collecting?.by === undefined ? from === undefined || from === own : from === collecting.by;
    if (collecting === undefined || !isExpected || collecting.items.length > limits.historyPage) return;
    const forwarded = childOf(result, 'forwarded', ns.forward);
    const stanza = childOf(forwarded, 'message', ns.client);
    const stamp = childOf(forwarded, 'delay', ns.delay)?.attributes['stamp'];
    const archiveId = result.attributes['id'];
    if (stanza !== undefined && stamp !== undefined && archiveId !== undefined) collecting.items.push({ archiveId, stamp, stanza });
  }

  abandon(): void {
    this.#collecting.clear();
  }
}

const time = /^\d{4}-\d\d-\d\dT/;

function requestOf(queryId: string, { with: person, before, after, ids, limit }: ArchiveQuery): Element {
  const start = after !== undefined && time.test(after) ? after : undefined;
  const end = before !== undefined && time.test(before) ? before : undefined;
  const fields = [
    field('FORM_TYPE', [ns.mam], 'hidden'),
    person === undefined ? undefined : field('with', [person]),
    start === undefined ? undefined : field('start', [start]),
    end === undefined ? undefined : field('end', [end]),
    ids === undefined ? undefined : field('ids', ids),
  ];
  const set = xml(
    'set',
    { xmlns: ns.rsm },
    xml('max', {}, String(limit)),
    after === undefined ? xml('before', {}, end === undefined ? (before ?? '') : '') : undefined,
    after === undefined || start !== undefined ? undefined : xml('after', {}, after),
  );
  return xml('query', { xmlns: ns.mam, queryid: queryId }, xml('x', { xmlns: ns.dataForms, type: 'submit' }, fields), set);
}

function field(name: string, values: readonly string[], type?: string): Element {
  return xml(
    'field',
    { var: name, type },
    values.map((value) => xml('value', {}, value)),
  );
}

/** When a stanza was first sent, where it was delayed (https://xmpp.org/extensions/xep-0203.html). */
export function delayOf(stanza: Element): string | undefined {
  const stamp = childOf(stanza, 'delay', ns.delay)?.attributes['stamp'];
  return stamp === undefined ? undefined : isoTime(stamp);
}

export function isoTime(stamp: string): string | undefined {
  const milliseconds = Date.parse(stamp);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}
