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
