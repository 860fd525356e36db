import Service, { service } from '@ember/service';
import { adoptOrphans, applyChange, isChange } from '../incoming/changes.ts';
import { happenedIn, saidIn } from '../incoming/message-from.ts';
import { roomsLeft, takeArrival, takeNick, takePresence, takeRole, takeRoomState } from '../incoming/rooms.ts';
import { type Activity, type ActivityObject, bare, nameOf } from '../lib/activity.ts';
import type { Connection } from '../models/connection.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Message } from '../models/message.ts';
import type { Space } from '../models/space.ts';
import type AttentionService from './attention.ts';
import type TimelinesService from './timelines.ts';

const typingFor = 8_000;

/** Turns what the gateway tells into what is known of spaces and conversations. */
export default class IncomingService extends Service {
  @service declare attention: AttentionService;
  @service declare timelines: TimelinesService;

  /** Something just happened. */
  receive(activity: Activity, connection: Connection, spaces: readonly Space[]): void {
    const { type, object } = activity;
    if (object?.type === 'connection') return connection.takeState(object);
    if (type === 'leave') return this.receiveLeave(activity, connection, spaces);
    if (type === 'update' && (object?.type === 'address' || object?.type === 'presence')) {
      return this.receivePerson(activity, connection, spaces);
    }
    if (object?.type === 'relationship') {
      for (const space of spaces) this.receiveRelation(activity, space);
      return;
    }
    if (type === 'request-friend') return this.receiveFriend(activity, connection);
    if (type === 'invite') return this.receiveInvite(activity, connection, spaces);
    const conversation = this.conversationOf(activity, connection, spaces);
    if (conversation) this.receiveIn(conversation, activity);
  }

  /** What history tells, in order. Returns the messages that were new. */
  takeHistory(conversation: Conversation, items: readonly Activity[], keep: 'older' | 'newer'): Message[] {
    const { connection } = conversation.space;
    const messages = items.map((item) => this.messageOf(item, connection)).filter((message) => message !== undefined);
    const fresh = this.takeMessages(conversation, messages, keep);
    for (const item of items) if (isChange(item)) applyChange(item, conversation);
    adoptOrphans(fresh, conversation);
    return fresh;
  }

  /** Puts messages where they belong; a copy of one's own that is still on its way settles that. Returns those that were new. */
  takeMessages(conversation: Conversation, messages: readonly Message[], keep: 'older' | 'newer'): Message[] {
    const others = messages.filter((message) => !this.settles(conversation, message));
    return conversation.timeline.merge(others, keep);
  }

  /** A copy of one's own message that was not acknowledged: it arrived after all. */
  private settles(conversation: Conversation, message: Message): boolean {
    const mine = message.mine ? conversation.timeline.findOrigin(message.originId) : undefined;
    if (!mine || mine.state === 'sent') return false;
    conversation.timeline.settle(mine, message.id, message.published);
    return true;
  }

  private messageOf(activity: Activity, connection: Connection): Message | undefined {
    if (activity.type === 'send') return saidIn(activity, connection);
    return activity.object?.type === 'room' ? undefined : happenedIn(activity, connection);
  }

  private receiveIn(conversation: Conversation, activity: Activity): void {
    const { type, object } = activity;
    if (type === 'send') this.receiveMessage(conversation, activity);
    else if (isChange(activity)) applyChange(activity, conversation);
    else if (type === 'join' && object?.type === 'room') this.receiveRoomState(conversation, activity);
    else if (type === 'join') this.receiveArrival(conversation, activity);
    else if (type === 'announce') this.receiveTyping(conversation, activity);
    else if (type === 'read') this.receiveMarker(conversation, activity);
    else if (type === 'update' && object?.type === 'topic') {
      conversation.topic = object.content ?? '';
      this.addHappening(conversation, activity);
    }
  }

  private receiveMessage(conversation: Conversation, activity: Activity): void {
    const message = saidIn(activity, conversation.space.connection);
    if (!message || this.settles(conversation, message)) return;
    conversation.typing.delete(message.author.name);
    const { timeline } = conversation;
    if (timeline.isAtEnd) {
      const fresh = timeline.merge([message]);
      if (fresh.length === 0) return;
      adoptOrphans(fresh, conversation);
    }
    this.attention.arrived(conversation, message);
  }

  /** The room was joined again, perhaps after a time away. */
  private receiveRoomState(conversation: Conversation, activity: Activity): void {
    takeRoomState(conversation, activity);
    if (conversation.timeline.isLoaded) void this.timelines.catchUp(conversation);
  }

  private receiveArrival(conversation: Conversation, activity: Activity): void {
    takeArrival(conversation, activity);
    this.attention.spaces.noteStranger(conversation.space, activity.actor);
    if (!conversation.space.connection.isMe(activity.actor)) this.addHappening(conversation, activity);
  }

  private receiveInvite({ actor, target, object }: Activity, connection: Connection, spaces: readonly Space[]): void {
    if (!target || (object?.type === 'person' && !connection.isMe(object))) return;
    void this.attention.spaces.invited(spaces, target, nameOf(actor));
  }

  private receiveLeave(activity: Activity, connection: Connection, spaces: readonly Space[]): void {
    const isMe = connection.isMe(activity.actor);
    for (const space of spaces) {
      for (const conversation of roomsLeft(space, activity)) {
        conversation.leave(nameOf(activity.actor));
        this.addHappening(conversation, activity);
        if (isMe) conversation.joined = 'no';
      }
    }
  }

  private receivePerson(activity: Activity, connection: Connection, spaces: readonly Space[]): void {
    const { actor, object, target } = activity;
    if (object?.type === 'presence') {
      for (const space of spaces) takePresence(space, actor, object);
      return;
    }
    const isMe = connection.isMe(actor);
    for (const space of spaces) {
      for (const conversation of takeNick(space, nameOf(actor), nameOf(target))) this.addHappening(conversation, activity);
    }
    if (isMe) connection.nick = nameOf(target);
  }

  private receiveRelation(activity: Activity, space: Space): void {
    if (activity.object?.['relationship'] !== 'contact') return takeRole(space, activity);
    if (space.isFederated) void import('../lib/contacts.ts').then(({ takeContactChange }) => takeContactChange(space, activity));
  }

  /** Somebody wants to be a contact. */
  private receiveFriend({ actor }: Activity, connection: Connection): void {
    const { ui, intl } = this.attention.spaces;
    const target = { type: 'person', id: bare(actor.id ?? ''), name: nameOf(actor) };
    const run = () => void connection.request('make-friend', target).catch((error: unknown) => ui.fail(error));
    ui.say(intl.t('contact.asks', { name: target.id }), 'info', { label: intl.t('contact.accept'), run });
  }

  private receiveTyping(conversation: Conversation, activity: Activity): void {
    const name = nameOf(activity.actor);
    if (conversation.space.connection.isMe(activity.actor)) return;
    clearTimeout(conversation.typing.get(name));
    if (activity.object?.['state'] !== 'active') conversation.typing.delete(name);
    else
      conversation.typing.set(
        name,
        window.setTimeout(() => conversation.typing.delete(name), typingFor),
      );
  }

  /** One's own marker, set in another window. */
  private receiveMarker(conversation: Conversation, activity: Activity): void {
    if (!conversation.space.connection.isMe(activity.actor)) return;
    const published = activity.object?.['published'];
    if (typeof published === 'string') this.attention.readElsewhere(conversation, Date.parse(published));
  }

  private addHappening(conversation: Conversation, activity: Activity): void {
    const line = happenedIn(activity, conversation.space.connection);
    if (line && conversation.timeline.isAtEnd && conversation.timeline.isLoaded) conversation.timeline.merge([line]);
  }

  private conversationOf(activity: Activity, connection: Connection, spaces: readonly Space[]): Conversation | undefined {
    const { actor, target } = activity;
    if (target?.type === 'room') return findIn(spaces, target);
    const peer = connection.isMe(actor) ? target : actor;
    if (!peer || peer.type === 'service' || !nameOf(peer)) return undefined;
    return findIn(spaces, peer) ?? (activity.type === 'send' ? this.openDirect(peer, spaces) : undefined);
  }

  /** A first word from somebody: in the team they are a member of, else where it came from. */
  private openDirect(peer: ActivityObject, spaces: readonly Space[]): Conversation | undefined {
    const space = spaces.find(({ members }) => members.has(nameOf(peer).toLowerCase())) ?? spaces[0];
    const name = space?.isFederated ? bare(peer.id ?? '') : nameOf(peer);
    const conversation = space?.addDirect(name, peer.id);
    if (space && conversation) this.attention.rememberDirect(space, conversation.name);
    return conversation;
  }
}

function findIn(spaces: readonly Space[], target: ActivityObject): Conversation | undefined {
  for (const space of spaces) {
    const conversation = space.find(target);
    if (conversation) return conversation;
  }
  return undefined;
}

declare module '@ember/service' {
  interface Registry {
    incoming: IncomingService;
  }
}
