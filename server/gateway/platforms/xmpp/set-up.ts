import { within } from '../../../foundation/deadline.ts';
import { caps } from './caps.ts';
import { catchUpPeople } from './catch-up.ts';
import { enterAgain } from './enter.ts';
import { contactIn } from './incoming/roster.ts';
import { ns } from './namespaces.ts';
import { fetchMarkers } from './read-state.ts';
import { factsOf } from './service-discovery.ts';
import type { XmppSession } from './session.ts';
import { childOf, childrenOf, xml } from './xml/element.ts';

/** Rooms on a server that does not answer must not keep the session from being used. */
const ROOMS_TIME = 5_000;

/** Everything that a new stream needs: contact list, carbons, presence, rooms, and what was missed. */
export async function setUp(session: XmppSession): Promise<void> {
  const isAgain = session.hasBeenOnline;
  session.hasBeenOnline = true;
  if (isAgain) session.held = [];
  await Promise.all([fetchRoster(session), enableCarbons(session), fetchMarkers(session), learnFeatures(session)]);
  session.connection.send(xml('presence', {}, session.ownPresence, caps));
  const rooms = Promise.all([...session.rooms.values()].map((room) => enterAgain(session, room)));
  // Either is a question that is answered after the presence was heard: from then on messages reach us.
  await (isAgain ? catchUpPeople(session) : findLatest(session));
  for (const conversation of session.peopleTalkedTo()) session.copies.abandon(conversation);
  await within<unknown>(ROOMS_TIME, rooms, () => undefined);
}

async function fetchRoster(session: XmppSession): Promise<void> {
  const query = xml('query', { xmlns: ns.roster });
  const answer = await session.connection.request('get', undefined, query, 'the contacts were not given').catch(() => undefined);
  session.contacts.clear();
  for (const item of childrenOf(childOf(answer, 'query', ns.roster), 'item')) {
    const contact = contactIn(item);
    if (contact !== undefined) session.contacts.set(contact);
  }
}

async function enableCarbons(session: XmppSession): Promise<void> {
  await session.connection.request('set', undefined, xml('enable', { xmlns: ns.carbons }), '').catch(() => undefined);
}

async function learnFeatures(session: XmppSession): Promise<void> {
  const facts = await factsOf(session).catch(() => undefined);
  session.features = [
    ...(facts?.features.has(ns.mam) ? ['history'] : []),
    ...['reactions', 'replies', 'corrections', 'deletion', 'typing', 'markers', 'multiline', 'invitations'],
    ...(facts?.upload === undefined ? [] : ['upload']),
  ];
}

/** The newest message of the archive is where to go on after a reconnection. */
async function findLatest(session: XmppSession): Promise<void> {
  const page = await session.archive.page({ limit: 1 }).catch(() => undefined);
  session.lastArchiveId = page?.items.at(-1)?.archiveId;
}
