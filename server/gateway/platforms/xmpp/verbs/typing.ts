import { KosmosError } from '../../../../foundation/errors.ts';
import { ns } from '../namespaces.ts';
import { noStoreHint } from '../outgoing.ts';
import { xml } from '../xml/element.ts';
import { conversationOf, messageTypeOf, textIn, type Verb } from './verb.ts';

const states: Readonly<Record<string, string>> = { active: 'composing', paused: 'paused', done: 'active' };

/** https://xmpp.org/extensions/xep-0085.html */
export const announce: Verb = (session, activity) => {
  const conversation = conversationOf(session, activity.target);
  const told = textIn(activity.object, 'state');
  const state = Object.hasOwn(states, told) ? states[told] : undefined;
  if (state === undefined) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.state must be active, paused or done' });
  const content = xml(state, { xmlns: ns.chatStates });
  session.connection.send(xml('message', { type: messageTypeOf(conversation), to: conversation.jid }, content, noStoreHint));
  return Promise.resolve(undefined);
};
