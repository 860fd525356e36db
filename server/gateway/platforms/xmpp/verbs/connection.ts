import { ownPerson } from '../activities.ts';
import type { Verb } from './verb.ts';

export const connect: Verb = async (session, activity) => {
  await session.connection.connect();
  return { ...activity, actor: ownPerson(session), object: { type: 'connection', state: 'connected', features: session.features } };
};

export const disconnect: Verb = async (session) => {
  await session.close();
  return undefined;
};
