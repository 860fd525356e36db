import { tracked } from '@glimmer/tracking';
import { messageOf } from '../lib/forms.ts';
import { type Activity, type ActivityObject, bare, localPart, nameOf, type Platform } from '../lib/activity.ts';
import type GatewayService from '../services/gateway.ts';

export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'failed';

export interface Credentials extends ActivityObject {
  type: 'credentials';
}

export interface ConnectionOptions {
  platform: Platform;
  /** `alice@example.org`: the actor of everything that is said through it. */
  actorId: string;
  /** Host in the ids of this connection's people and rooms. */
  host: string;
  nick: string;
  /** The appliance's account, where the server is the team's own. */
  account?: string;
  credentials: Credentials;
}

/** One log-in at one server. Teams that live on the same server share it. */
export class Connection {
  @tracked state: ConnectionState = 'idle';
  @tracked reason = '';
  @tracked nick: string;
  @tracked isAway = false;
  readonly platform: Platform;
  readonly actorId: string;
  readonly host: string;
  readonly account: string | undefined;
  private credentials: Credentials;
  private opening: Promise<void> | undefined;

  constructor(
    private readonly gateway: GatewayService,
    options: ConnectionOptions,
  ) {
    this.platform = options.platform;
    this.actorId = options.actorId;
    this.host = options.host;
    this.nick = options.nick;
    this.account = options.account;
    this.credentials = options.credentials;
  }

  get actor(): ActivityObject {
    return { type: 'person', id: this.actorId, name: this.nick };
  }

  /** The server itself, as target. */
  get service(): ActivityObject {
    return { type: 'service', id: this.host };
  }

  /** Logs in; calls at the same time share one attempt. */
  open(): Promise<void> {
    this.opening ??= this.logIn().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** Other credentials for the next attempt. */
  renew(credentials: Credentials): void {
    this.credentials = credentials;
  }

  request(type: string, target?: ActivityObject, object?: ActivityObject, id?: string): Promise<Activity> {
    const activity: Activity = { type, actor: this.actor };
    if (id) activity.id = id;
    if (target) activity.target = target;
    if (object) activity.object = object;
    return this.gateway.request('message', this.platform, activity);
  }

  /** Away for a reason; here again without one. */
  async setAway(content: string): Promise<void> {
    await this.request(
      'update',
      undefined,
      content ? { type: 'presence', presence: 'away', content } : { type: 'presence', presence: 'online' },
    );
    this.isAway = content !== '';
  }

  isMe(who: ActivityObject | undefined): boolean {
    if (!who) return false;
    if (this.account && typeof who['account'] === 'string') return who['account'] === this.account;
    if (who.id && bare(who.id) === this.actorId) return true;
    return nameOf(who).toLowerCase() === this.nick.toLowerCase();
  }

  /** Whether an activity of this platform came through this connection. */
  isOf(activity: Activity): boolean {
    const ids = [activity.target?.id, activity.actor.id].filter((id): id is string => typeof id === 'string');
    if (this.platform === 'irc') return ids.some((id) => id.slice(id.lastIndexOf('@') + 1) === this.host || id === this.host);
    return ids.some((id) => bare(id) === this.actorId || id === this.host || bare(id).endsWith(`.${this.host}`));
  }

  takeState(object: ActivityObject): void {
    this.state = String(object['state'] ?? 'connected') as ConnectionState;
    this.reason = this.state === 'connected' ? '' : (object.content ?? '');
  }

  private async logIn(): Promise<void> {
    this.state = 'connecting';
    this.reason = '';
    try {
      await this.gateway.request('credentials', this.platform, { type: 'credentials', actor: this.actor, object: this.credentials });
      const answer = await this.request('connect');
      const name = answer.actor?.name ?? (answer.actor?.id ? localPart(bare(answer.actor.id)) : undefined);
      if (name && this.platform === 'irc') this.nick = name;
      this.state = 'connected';
    } catch (error) {
      this.state = 'failed';
      this.reason = messageOf(error);
      throw error;
    }
  }
}
