import { messageOf as reasonOf } from '../../../foundation/errors.ts';
import type { Archived } from './archive.ts';
import { tell } from './incoming/deliver.ts';
import { messageOf } from './incoming/message.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import type { XmppSession } from './session.ts';
import { ns } from './namespaces.ts';
import { StanzaError } from './stream/stanza-error.ts';
import { childrenOf, type Element } from './xml/element.ts';

/** Where the client's knowledge ends, and what came in live since the reconnection. */
interface Gap {
  lastArchiveId: string | undefined;
  lastPublished: string;
  held: Element[] | undefined;
}

/** Tells what was said in a room while we were away, then what came in meanwhile, nothing twice. */
export function catchUpRoom(session: XmppSession, room: Room): Promise<void> {
  return catchUp(session, room, room.jid);
}

/** The same for the account's own archive: messages from and to people. */
export function catchUpPeople(session: XmppSession): Promise<void> {
  return catchUp(session, session, undefined);
}

async function catchUp(session: XmppSession, gap: Gap, room: string | undefined): Promise<void> {
  const told = new Set<string>();
  try {
    for (const archived of await missed(session, gap, room)) {
      told.add(archived.archiveId);
      survive(session, () => isKnown(session, archived) || tell(session, archived.stanza, archived));
    }
  } catch (error) {
    session.context.logger.info({ reason: reasonOf(error), room }, 'what was missed could not be fetched');
  } finally {
    const held = gap.held ?? [];
    gap.held = undefined;
    for (const stanza of held) if (!isTold(stanza, told)) survive(session, () => tell(session, stanza));
  }
}

/** One message that cannot be dealt with must not keep back the others. */
function survive(session: XmppSession, deal: () => unknown): void {
  try {
    deal();
  } catch (error) {
    session.context.logger.warn({ reason: reasonOf(error) }, 'a message could not be dealt with');
  }
}

async function missed(session: XmppSession, gap: Gap, room: string | undefined): Promise<readonly Archived[]> {
  const items = await after(session, gap, room);
  // The account's archive may hold room messages too; those come from the rooms.
  return room === undefined ? items.filter(({ stanza }) => stanza.attributes['type'] !== 'groupchat') : items;
}

/** By the last message's id; by its time where the archive does not have it any more. */
async function after(session: XmppSession, { lastArchiveId, lastPublished }: Gap, room: string | undefined): Promise<readonly Archived[]> {
  const query = { ...(room === undefined ? {} : { room }), limit: limits.missed };
  const byTime = async (): Promise<readonly Archived[]> => {
    const { items } = await session.archive.query({ ...query, after: lastPublished });
    return items.filter(({ stamp }) => Date.parse(stamp) > Date.parse(lastPublished));
  };
  if (lastArchiveId === undefined) return byTime();
  const byId = session.archive.query({ ...query, after: lastArchiveId }).then(({ items }) => items);
  return byId.catch((error: unknown) => {
    if (error instanceof StanzaError && error.condition === 'item-not-found') return byTime();
    throw error;
  });
}

/** Told already, but without the archive's id: not every copy carries it. */
function isKnown(session: XmppSession, archived: Archived): boolean {
  const message = messageOf(session, archived.stanza, archived);
  const known = message?.conversation.find(message.messageId);
  return known !== undefined && known.archiveId === undefined && known.sender === message?.sender;
}

function isTold(stanza: Element, told: ReadonlySet<string>): boolean {
  return childrenOf(stanza, 'stanza-id', ns.stanzaId).some(({ attributes }) => told.has(attributes['id'] ?? ''));
}
