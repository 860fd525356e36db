import { randomUUID } from 'node:crypto';
import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import { original, wireIdOf } from '../originals.ts';
import { sendAndSettle, storeHint } from '../outgoing.ts';
import { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { xml } from '../xml/element.ts';
import { conversationOf, textIn, type Verb } from './verb.ts';

const LONGEST_EMOJI = 64;

/** https://xmpp.org/extensions/xep-0444.html: what is told is always all of one's reactions to the message. */
export const react: Verb = (session, activity) => tellReactions(session, activity, (all, emoji) => [...new Set([...all, emoji])]);

export const unreact: Verb = (session, activity) =>
  tellReactions(session, activity, (all, emoji) => all.filter((other) => other !== emoji));

type Change = (all: readonly string[], emoji: string) => readonly string[];

async function tellReactions(session: XmppSession, activity: Activity, change: Change): Promise<Activity | undefined> {
  const conversation = conversationOf(session, activity.target);
  if (conversation instanceof Room && !conversation.features.includes('reactions'))
    throw session.notSupported('reactions', conversation.jid);
  const emoji = textIn(activity.object, 'content').trim();
  if (emoji === '' || emoji.length > LONGEST_EMOJI)
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.content is no emoji' });
  const message = await original(session, conversation, textIn(activity.object, 'id'));
  const own = conversation instanceof Room ? conversation.nick : session.account.jid;
  const all = change(message.reactions?.get(own) ?? [], emoji);
  const id = wireIdOf(conversation, message);
  const reactions = xml(
    'reactions',
    { xmlns: ns.reactions, id },
    all.map((one) => xml('reaction', {}, one)),
  );
  const activities = await sendAndSettle(session, conversation, randomUUID(), [reactions, storeHint], 'the reaction was not sent');
  const done = activities.find(({ type, object }) => type === activity.type && object?.['content'] === emoji);
  return done === undefined ? undefined : { ...done, id: activity.id };
}
