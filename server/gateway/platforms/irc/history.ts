import type { Activity } from '../platform.ts';
import { isBatch, type Batch } from './connection/batches.ts';
import { nickOf, type IrcMessage } from './connection/message.ts';
import { refuseErrors } from './connection/requests.ts';
import { checkFeature } from './features.ts';
import { incoming } from './incoming/all.ts';
import { multilineActivity } from './messages.ts';
import type { IrcSession } from './session.ts';

export interface HistoryRange {
  /** An id or a time, excluded; at most one of the two. */
  readonly before?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface HistoryPage {
  /** Oldest first. */
  readonly items: readonly Activity[];
  /** Nothing lies further in that direction. */
  readonly complete: boolean;
}

/** What a reader wants to see again; who came and went is not among it. */
const replayed = new Set(['PRIVMSG', 'NOTICE', 'TAGMSG', 'REDACT', 'TOPIC']);
const MOST_PAGES = 5;
const LONGEST_WAIT = 30_000;

interface Entry {
  readonly id: string | undefined;
  readonly time: string;
  readonly activity: Activity | undefined;
}

/** From CHATHISTORY (https://ircv3.net/specs/extensions/chathistory, draft). Throws KOSMOS_ERR_NOT_SUPPORTED. */
export async function fetchHistory(session: IrcSession, target: string, range: HistoryRange): Promise<HistoryPage> {
  checkFeature(session, 'history');
  const forward = range.after !== undefined;
  let reference = range.after ?? range.before;
  let items: Activity[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const wanted = range.limit - items.length;
    const entries = await fetchPage(session, target, forward, reference, wanted);
    const found = entries.flatMap(({ activity }) => activity ?? []);
    items = forward ? [...items, ...found] : [...found, ...items];
    if (entries.length < wanted) return { items, complete: true };
    if (items.length >= range.limit) break;
    const edge = forward ? entries.at(-1) : entries[0];
    reference = edge?.id ?? edge?.time;
  }
  return { items, complete: false };
}

async function fetchPage(
  session: IrcSession,
  target: string,
  forward: boolean,
  reference: string | undefined,
  limit: number,
): Promise<Entry[]> {
  const direction = reference === undefined ? 'LATEST' : forward ? 'AFTER' : 'BEFORE';
  const params = [direction, target, reference === undefined ? '*' : selectorOf(reference), String(limit)];
  const reply = await session.connection.request({ command: 'CHATHISTORY', params }, LONGEST_WAIT);
  refuseErrors(reply);
  return (reply.batch?.items ?? []).map((item) => entryOf(session, item));
}

export function selectorOf(reference: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(reference) ? `timestamp=${new Date(reference).toISOString()}` : `msgid=${reference}`;
}

function entryOf(session: IrcSession, item: IrcMessage | Batch): Entry {
  const message = isBatch(item) ? item.opening : item;
  const { msgid: id, time = '' } = message.tags;
  return { id, time, activity: activityOf(session, item) };
}

function activityOf(session: IrcSession, item: IrcMessage | Batch): Activity | undefined {
  if (isBatch(item)) return multilineActivity(session, item);
  if (!replayed.has(item.command) || nickOf(item.source) === 'HistServ') return undefined;
  return incoming.get(item.command)?.describe?.(session, item);
}
