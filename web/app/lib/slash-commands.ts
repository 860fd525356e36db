import { type default as Owner, setOwner } from '@ember/owner';
import { service } from '@ember/service';
import type RouterService from '@ember/routing/router-service';
import type IntlService from 'ember-intl/services/intl';
import { type Command, type CommandName, firstWord } from './commands.ts';
import type { Conversation } from '../models/conversation.ts';
import type MessagesService from '../services/messages.ts';
import type SpacesService from '../services/spaces.ts';
import type UiService from '../services/ui.ts';

type Run = (conversation: Conversation, rest: string) => Promise<void> | void;

/** The slash commands; loaded with the first one. */
export class SlashCommands {
  @service declare spaces: SpacesService;
  @service declare messages: MessagesService;
  @service declare router: RouterService;
  @service declare ui: UiService;
  @service declare intl: IntlService;

  constructor(owner: Owner) {
    setOwner(this, owner);
  }

  private readonly runs: Record<CommandName, Run> = {
    me: (conversation, content) => void (content && this.messages.send(conversation, { content, kind: 'me' })),
    join: (conversation, rest) => this.join(conversation, rest),
    part: (conversation) => this.part(conversation),
    msg: (conversation, rest) => this.message(conversation, rest),
    topic: (conversation, content) => this.topic(conversation, content),
    nick: ({ space: { connection } }, name) =>
      this.request(connection.request('update', { type: 'person', id: connection.actorId, name }, { type: 'address' })),
    invite: (conversation, rest) => this.invite(conversation, firstWord(rest)[0].replace(/^@/, '')),
    kick: (conversation, rest) => this.kick(conversation, rest),
    away: (conversation, content) => this.away(conversation, content),
    help: () => this.ui.open('keyboard'),
  };

  /** Rejects with what the server said; an unknown command is an error of its own. */
  async run(conversation: Conversation, { name, rest }: Command): Promise<void> {
    const run = this.runs[name as CommandName];
    if (!run) throw new Error(this.intl.t('commands.unknown', { name }));
    await run(conversation, rest);
  }

  go(conversation: Conversation): void {
    this.router.transitionTo('space.channel', ...conversation.models);
  }

  private async join({ space }: Conversation, rest: string): Promise<void> {
    const [room, key] = firstWord(rest);
    if (!room) return this.ui.open(space.isTeam ? 'browse' : 'join-room');
    const wanted = room.replace(/^#/, '').toLowerCase();
    const listed = space.catalogue.find((channel) => channel.name.replace(/^#/, '').toLowerCase() === wanted);
    this.go(await this.spaces.enter(space, listed ?? room, key || undefined));
  }

  private async part(conversation: Conversation): Promise<void> {
    await this.spaces.leave(conversation);
    this.router.transitionTo('index');
  }

  private message({ space }: Conversation, rest: string): void {
    const [name, content] = firstWord(rest);
    if (!name) return this.ui.open('new-direct');
    const direct = this.spaces.openDirect(space, name.replace(/^@/, ''));
    if (content) this.messages.send(direct, { content });
    this.go(direct);
  }

  private async topic(conversation: Conversation, content: string): Promise<void> {
    if (!content) return this.ui.open('topic');
    await this.request(conversation.space.connection.request('update', conversation.target, { type: 'topic', content }));
  }

  private async invite(conversation: Conversation, name: string): Promise<void> {
    if (!name) return this.ui.open('add-people');
    await this.spaces.invite(conversation, name);
    this.ui.say(this.intl.t('addPeople.done', { name, channel: conversation.title }));
  }

  private async kick({ space, target }: Conversation, rest: string): Promise<void> {
    const [name, content] = firstWord(rest);
    await this.request(space.connection.request('kick', target, { type: 'person', name, ...(content ? { content } : {}) }));
  }

  private async away({ space: { connection } }: Conversation, content: string): Promise<void> {
    await connection.setAway(content);
    this.ui.say(this.intl.t(content ? 'commands.nowAway' : 'commands.nowBack'));
  }

  private async request(answer: Promise<unknown>): Promise<void> {
    await answer;
  }
}
