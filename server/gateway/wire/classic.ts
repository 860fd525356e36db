import type { Activity, ActivityObject } from '../platforms/platform.ts';

/** What Sockethub's own IRC platform pushes after a join, for clients of its old dialect: the topic, and who is there. */
export function classicRoomState({ type, actor, target, object }: Activity): Activity[] {
  if (type !== 'join' || object?.type !== 'room' || !target) return [];
  const topic = typeof object['topic'] === 'string' ? object['topic'] : '';
  const members = (object['members'] ?? []) as readonly string[];
  const topicBy = (object['topicBy'] as ActivityObject | undefined) ?? actor;
  return [
    ...(topic === '' ? [] : [{ type: 'update', actor: topicBy, target, object: { type: 'topic', content: topic } }]),
    { type: 'query', actor: target, target: actor, object: { type: 'attendance', members } },
  ];
}

/** Its XMPP platform lets whoever speaks in a room hear it with the others, under the id that the client gave; its IRC platform does not. */
export function classicEcho(platform: string, { type, actor, target, object, published }: Activity): Activity[] {
  if (platform !== 'xmpp' || type !== 'send' || target?.type !== 'room' || !object) return [];
  const id = object['originId'];
  return [
    { type, actor, target, object: typeof id === 'string' ? { ...object, id } : object, ...(published === undefined ? {} : { published }) },
  ];
}
