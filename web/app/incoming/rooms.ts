import { type Activity, type ActivityObject, bare, nameOf, type Person } from '../lib/activity.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Space } from '../models/space.ts';

/** A room's state: the answer to one's own join, or the same pushed again. */
export function takeRoomState(conversation: Conversation, activity: Activity): void {
  const state = activity.object;
  if (state?.type !== 'room') return;
  if (typeof state['topic'] === 'string') conversation.topic = state['topic'];
  conversation.features = new Set((state['features'] as string[] | undefined) ?? []);
  const attendance = state['attendance'] as Person[] | undefined;
  const members = (state['members'] as string[] | undefined) ?? [];
  conversation.takeOccupants(attendance ?? members.map((name) => ({ type: 'person', name })));
  const marker = (state['marker'] as { published?: string } | undefined)?.published;
  if (marker) conversation.readAt = Math.max(conversation.readAt, Date.parse(marker));
  conversation.opened();
}

/** Somebody came. */
export function takeArrival(conversation: Conversation, activity: Activity): void {
  const role = activity.object?.['role'];
  conversation.join(typeof role === 'string' ? { ...activity.actor, role } : (activity.actor as Person));
}

/** Rooms that a `leave` is about: the one it names, or with a quit each that the person was in. */
export function roomsLeft(space: Space, activity: Activity): Conversation[] {
  if (activity.target?.type === 'room') {
    const conversation = space.find(activity.target);
    return conversation ? [conversation] : [];
  }
  const key = nameOf(activity.actor).toLowerCase();
  return space.channels.filter((conversation) => conversation.occupants.has(key));
}

/** Another nick: in every room at once. Returns the rooms. */
export function takeNick(space: Space, from: string, to: string): Conversation[] {
  return space.all.filter((conversation) => {
    const occupant = conversation.leave(from);
    if (occupant) conversation.occupants.set(to.toLowerCase(), { ...occupant, name: to });
    return occupant !== undefined;
  });
}

export function takePresence(space: Space, who: ActivityObject, object: ActivityObject): void {
  const key = nameOf(who).toLowerCase();
  const isAway = object['presence'] !== 'online' && object['presence'] !== 'chat';
  const contact = space.contacts.get(bare(who.id ?? '').toLowerCase());
  if (contact) space.contacts.set(bare(who.id ?? '').toLowerCase(), { ...contact, presence: String(object['presence'] ?? 'offline') });
  for (const conversation of space.all) {
    const occupant = conversation.occupants.get(key);
    if (occupant && occupant.isAway !== isAway) conversation.occupants.set(key, { ...occupant, isAway });
  }
}

/** A role given or taken: `target` is the person, the room stands in the relationship. */
export function takeRole(space: Space, activity: Activity): void {
  const relation = activity.object;
  if (relation?.type !== 'relationship') return;
  const conversation = space.find(relation['object'] as ActivityObject | undefined);
  const occupant = conversation?.occupants.get(nameOf(activity.target).toLowerCase());
  if (!conversation || !occupant) return;
  const role = (relation['subject'] as { role?: string } | undefined)?.role;
  const next = activity.type === 'add' && role ? role : 'member';
  conversation.occupants.set(occupant.name.toLowerCase(), { ...occupant, role: next });
}
