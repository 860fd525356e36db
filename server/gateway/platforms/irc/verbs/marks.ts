import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import { selfOf, targetOf, timeOf } from '../activities.ts';
import { isBatch } from '../connection/batches.ts';
import { refuseErrors } from '../connection/requests.ts';
import { checkFeature } from '../features.ts';
import { selectorOf } from '../history.ts';
import { markerActivity } from '../incoming/markread.ts';
import { redactActivity } from '../incoming/redact.ts';
import { tags } from '../messages.ts';
import type { IrcSession } from '../session.ts';
import { addresseeOf, oneLine, text, type Verb } from './verb.ts';

/** https://ircv3.net/specs/client-tags/react */
export const react =
  (tag: typeof tags.react | typeof tags.unreact): Verb =>
  async (session, activity) => {
    checkFeature(session, 'reactions');
    const { object } = activity;
    const target = addresseeOf(session, activity.target);
    const emoji = oneLine(text(object, 'content'));
    const own = { [tag]: emoji, [tags.reply]: text(object, 'id') ?? '' };
    const reply = await session.connection.request({ tags: own, command: 'TAGMSG', params: [target] });
    refuseErrors(reply);
    const copy = reply.messages.find(({ command }) => command === 'TAGMSG');
    return answer(session, activity, target, { ...object, type: 'reaction', content: emoji }, copy && timeOf(copy));
  };

/** https://ircv3.net/specs/client-tags/typing: nobody waits for it. */
export const announce: Verb = (session, { target, object }) => {
  checkFeature(session, 'typing');
  const params = [addresseeOf(session, target)];
  session.connection.send({ tags: { [tags.typing]: text(object, 'state') ?? 'active' }, command: 'TAGMSG', params });
  return Promise.resolve(undefined);
};

/** https://ircv3.net/specs/extensions/message-redaction (draft) */
export const remove: Verb = async (session, activity) => {
  checkFeature(session, 'deletion');
  const target = addresseeOf(session, activity.target);
  const reason = oneLine(text(activity.object, 'content'));
  const params = [target, text(activity.object, 'id') ?? '', reason].filter((param) => param !== '');
  const reply = await session.connection.request({ command: 'REDACT', params });
  refuseErrors(reply);
  const copy = reply.messages.find(({ command }) => command === 'REDACT');
  if (copy) return { ...redactActivity(session, copy), actor: selfOf(session), target: targetOf(session, target) };
  return answer(session, activity, target, { ...activity.object, type: 'message' });
};

/** https://ircv3.net/specs/extensions/read-marker (draft): IRC keeps a time, never an earlier one than before. */
export const read: Verb = async (session, activity) => {
  checkFeature(session, 'markers');
  const target = addresseeOf(session, activity.target);
  const { object } = activity;
  const published = text(object, 'published') ?? (await timeOfMessage(session, target, text(object, 'id')));
  const params = [target, `timestamp=${new Date(published).toISOString()}`];
  const reply = await session.connection.request({ command: 'MARKREAD', params });
  refuseErrors(reply);
  const copy = reply.messages.find(({ command }) => command === 'MARKREAD');
  const marked = copy && markerActivity(session, copy);
  return answer(session, activity, target, { ...object, ...marked?.object, type: 'marker' });
};

async function timeOfMessage(session: IrcSession, target: string, id: string | undefined): Promise<string> {
  const missing = new KosmosError('KOSMOS_ERR_VALIDATION', {
    reason: 'object.published is missing, and the server does not know object.id',
  });
  if (id === undefined) throw missing;
  checkFeature(session, 'history');
  const reply = await session.connection.request({ command: 'CHATHISTORY', params: ['AROUND', target, selectorOf(id), '1'] });
  refuseErrors(reply);
  const [item] = reply.batch?.items ?? [];
  const message = item && isBatch(item) ? item.opening : item;
  if (message?.tags['msgid'] !== id) throw missing;
  return timeOf(message);
}

function answer(
  session: IrcSession,
  { type }: Activity,
  target: string,
  object: ActivityObject,
  published = new Date().toISOString(),
): Activity {
  return { type, actor: selfOf(session), target: targetOf(session, target), object, published };
}
