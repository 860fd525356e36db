import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, textOf } from '../xml/element.ts';
import { flatten, flattenId } from '../xml/strings.ts';
import { activity, type Message } from './message.ts';

const MOST_REACTIONS = 20;
const MOST_REACTORS = 500;

/**
 * https://xmpp.org/extensions/xep-0444.html: a sender tells all of its reactions to a message at once. `object.all` says them too,
 * for where the earlier ones are not known.
 */
export function readReactions(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const reactions = childOf(message.stanza, 'reactions', ns.reactions);
  const id = reactions?.attributes['id'];
  if (reactions === undefined || id === undefined) return undefined;
  const emojis = childrenOf(reactions, 'reaction').map((reaction) => flatten((textOf(reaction) ?? '').trim().slice(0, 64)));
  const all = [...new Set(emojis)].filter((emoji) => emoji !== '').slice(0, MOST_REACTIONS);
  const shown = message.conversation.find(id)?.archiveId ?? id;
  const reactors = reactorsOf(message, id);
  const before = reactors.get(message.sender) ?? [];
  if (reactors.size < MOST_REACTORS || reactors.has(message.sender)) reactors.set(message.sender, all);
  const told = (type: string) => (content: string) => activity(type, message, { type: 'reaction', id: shown, content, all });
  return [
    ...before.filter((emoji) => !all.includes(emoji)).map(told('remove')),
    ...all.filter((emoji) => !before.includes(emoji)).map(told('add')),
  ];
}

function reactorsOf({ conversation, past }: Message, id: string): Map<string, readonly string[]> {
  if (past === undefined) return (conversation.recall(flattenId(id)).reactions ??= new Map<string, readonly string[]>());
  const reactors = past.get(id) ?? new Map<string, readonly string[]>();
  past.set(flattenId(id), reactors);
  return reactors;
}
