import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import { occupantObject, personOf, roomOf, selfOf, targetOf } from '../activities.ts';
import type { IrcMessage } from '../connection/message.ts';
import { refuseErrors } from '../connection/requests.ts';
import { fetchHistory } from '../history.ts';
import { occupantOf } from '../rooms.ts';
import type { IrcSession } from '../session.ts';
import { addresseeOf, channelOf, nameOf, oneLine, text, type Verb } from './verb.ts';

const MOST_ROOMS = 500;
const LONG = 30_000;
const DEFAULT_LIMIT = 50;

const attendance: Verb = async (session, { target }) => {
  const name = channelOf(session, target);
  const people = session.findRoom(name)?.occupants ?? (await askNames(session, name));
  const list = [...people].map((occupant) => occupantObject(session, occupant));
  const room = roomOf(session, session.findRoom(name)?.name ?? name);
  const object = { type: 'attendance', members: list.map((person) => person.name), attendance: list };
  return { type: 'query', actor: room, target: selfOf(session), object };
};

/** https://modern.ircdocs.horse/#names-message, for a channel that the session is not in. */
async function askNames(session: IrcSession, name: string): Promise<ReturnType<typeof occupantOf>[]> {
  const reply = await session.connection.request({ command: 'NAMES', params: [name] });
  refuseErrors(reply);
  const entries = reply.messages.filter(({ command }) => command === '353').flatMap(({ params }) => (params[3] ?? '').split(' '));
  return entries.filter(Boolean).map((entry) => {
    const [, prefixes = '', nick = ''] = /^([~&@%+]*)([^!]*)/.exec(entry) ?? [];
    return occupantOf(nick, prefixes);
  });
}

const history: Verb = async (session, { target, object }) => {
  const name = addresseeOf(session, target);
  const limit = typeof object?.['limit'] === 'number' ? object['limit'] : DEFAULT_LIMIT;
  const range = { before: text(object, 'before'), after: text(object, 'after'), limit };
  return answer(session, targetOf(session, name), { type: 'collection', ...(await fetchHistory(session, name, range)) });
};

/** https://modern.ircdocs.horse/#list-message */
const rooms: Verb = async (session, { object }) => {
  const pattern = oneLine(text(object, 'content')).replaceAll(' ', '');
  const reply = await session.connection.request({ command: 'LIST', params: pattern === '' ? [] : [pattern] }, LONG);
  refuseErrors(reply);
  const found = reply.messages.filter(({ command }) => command === '322');
  const items = found.slice(0, MOST_ROOMS).map(({ params }) => ({
    ...roomOf(session, params[1] ?? ''),
    topic: params[3] ?? '',
    members: Number(params[2] ?? 0),
  }));
  return answer(session, undefined, { type: 'collection', items, complete: found.length <= MOST_ROOMS });
};

/** https://modern.ircdocs.horse/#whois-message */
const whois: Verb = async (session, { target }) => {
  const nick = nameOf(session, target);
  const reply = await session.connection.request({ command: 'WHOIS', params: [nick] }, LONG);
  refuseErrors(reply);
  const object = reply.messages.reduce(addWhois, personOf(session, nick));
  return answer(session, personOf(session, object.name ?? nick), object);
};

function addWhois(person: ActivityObject, { command, params }: IrcMessage): ActivityObject {
  const [, , third = ''] = params;
  const last = params.at(-1) ?? '';
  if (command === '311') return { ...person, name: params[1] ?? person.name, content: last, host: params[3] ?? '' };
  if (command === '319') return { ...person, rooms: last.split(' ').filter(Boolean) };
  if (command === '330') return { ...person, account: third };
  if (command === '301') return { ...person, away: last };
  if (command === '313') return { ...person, operator: true };
  if (command === '317') return { ...person, idle: Number(third) };
  return person;
}

function answer(session: IrcSession, target: ActivityObject | undefined, object: ActivityObject): Activity {
  return { type: 'query', actor: selfOf(session), ...(target ? { target } : {}), object };
}

const byObject: Readonly<Record<string, Verb>> = { attendance, history, rooms, whois };

export const query: Verb = (session, activity) => {
  const verb = byObject[activity.object?.type ?? ''];
  if (verb) return verb(session, activity);
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.type is none that can be asked for' });
};
