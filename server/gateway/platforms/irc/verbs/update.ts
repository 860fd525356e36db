import { KosmosError } from '../../../../foundation/errors.ts';
import { refuseErrors } from '../connection/requests.ts';
import { correct } from './send.ts';
import { joinedRoom, nameOf, oneLine, text, type Verb } from './verb.ts';

const topic: Verb = async (session, { target, object }) => {
  const params = [joinedRoom(session, target), oneLine(text(object, 'content'))];
  refuseErrors(await session.connection.request({ command: 'TOPIC', params }));
  return undefined;
};

const mode: Verb = async (session, { target, object }) => {
  const words = oneLine(text(object, 'content')).split(' ').filter(Boolean);
  if (words.some((word) => word.startsWith(':'))) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.content is no mode' });
  refuseErrors(await session.connection.request({ command: 'MODE', params: [joinedRoom(session, target), ...words] }));
  return undefined;
};

/** https://modern.ircdocs.horse/#away-message: IRC knows away and not away. */
const presence: Verb = async (session, { object }) => {
  const away = ['away', 'dnd', 'xa'].includes(text(object, 'presence') ?? '');
  const reason = oneLine(text(object, 'content')) || text(object, 'presence') || 'away';
  refuseErrors(await session.connection.request({ command: 'AWAY', params: away ? [reason] : [] }));
  return undefined;
};

const address: Verb = async (session, { target }) => {
  refuseErrors(await session.connection.request({ command: 'NICK', params: [nameOf(session, target)] }));
  return undefined;
};

const byObject: Readonly<Record<string, Verb>> = { topic, mode, presence, address, message: correct };

export const update: Verb = (session, activity) => {
  const verb = byObject[activity.object?.type ?? ''];
  if (verb) return verb(session, activity);
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.type is none that can be updated' });
};
