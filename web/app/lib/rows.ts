import type { Message } from '../models/message.ts';

export interface DayRow {
  kind: 'day';
  key: string;
  date: Date;
}

export interface NewRow {
  kind: 'new';
  key: string;
}

/** Joins and parts in a row, folded into one line. */
export interface HappeningsRow {
  kind: 'happenings';
  key: string;
  messages: readonly Message[];
}

export interface MessageRow {
  kind: 'message';
  key: string;
  message: Message;
  /** Follows one of the same author closely: name and picture are not shown again. */
  isFollowUp: boolean;
}

export type Row = DayRow | NewRow | HappeningsRow | MessageRow;

const closely = 5 * 60_000;
/** What is folded: who came and went. A topic or a kick is worth a line of its own. */
const foldable = new Set(['join', 'leave', 'nick', 'role']);

function dayOf(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function follows(message: Message, before: Message | undefined): boolean {
  if (!before?.isSaid || before.kind !== 'text' || message.kind !== 'text') return false;
  if (message.replyTo || before.isDeleted) return false;
  return before.isFrom(message.author) && message.published - before.published < closely;
}

/**
 * Rows as they are shown: day lines, the line before what is new, grouped messages, folded joins and parts. A row of `drawn` that
 * is still the same is used again, so that nothing of it is drawn anew.
 */
export function rowsOf(messages: readonly Message[], firstNew: string | undefined, drawn: ReadonlyMap<string, Row> = new Map()): Row[] {
  const rows: Row[] = [];
  let day = 0;
  let before: Message | undefined;
  for (const message of messages) {
    const ofDay = dayOf(message.published);
    if (ofDay !== day) {
      day = ofDay;
      before = undefined;
      rows.push({ kind: 'day', key: `day-${ofDay}`, date: new Date(ofDay) });
    }
    if (firstNew !== undefined && message.key === firstNew) {
      before = undefined;
      rows.push({ kind: 'new', key: 'new' });
    }
    push(rows, message, before, drawn);
    before = message;
  }
  return rows;
}

function push(rows: Row[], message: Message, before: Message | undefined, drawn: ReadonlyMap<string, Row>): void {
  if (message.happening && foldable.has(message.happening.type)) {
    const last = rows.at(-1);
    if (last?.kind === 'happenings') last.messages = [...last.messages, message];
    else rows.push({ kind: 'happenings', key: `h-${message.key}`, messages: [message] });
    return;
  }
  const isFollowUp = follows(message, before);
  const same = drawn.get(message.key);
  if (same?.kind === 'message' && same.isFollowUp === isFollowUp) rows.push(same);
  else rows.push({ kind: 'message', key: message.key, message, isFollowUp });
}
