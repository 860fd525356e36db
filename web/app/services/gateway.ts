import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import SockethubClient from '@sockethub/client';
import { io, type Socket } from 'socket.io-client';
import { type Activity, contextOf, GatewayError, type Platform } from '../lib/activity.ts';
import type SessionService from './session.ts';

export type GatewayStatus = 'idle' | 'connecting' | 'online' | 'offline';

/** Longest wait for an answer; a server that is asked for a log-in may take its time. */
const patience = 20_000;

/** The one socket to the gateway. What was said before a short break is said again by Sockethub's client. */
export default class GatewayService extends Service {
  @service declare session: SessionService;
  @tracked status: GatewayStatus = 'idle';
  /** True once the first connection stood: later ones are comebacks. */
  private wasOnline = false;
  private socket: Socket | undefined;
  private client: SockethubClient | undefined;
  private readonly hearers = new Set<(activity: Activity) => void>();
  private readonly comebacks = new Set<() => void>();
  private readonly pending = new Set<(error: GatewayError) => void>();
  private readonly opened: (() => void)[] = [];

  connect(): void {
    if (this.socket) return;
    this.status = 'connecting';
    const socket = io({ path: '/sockethub', transports: ['websocket'], reconnectionDelayMax: 5_000 });
    const client = new SockethubClient(socket);
    client.debug = false;
    // COMPAT: alpha.11 logs each object with a field that it does not know, passwords too; may go once it takes today's dialect.
    client.ActivityStreams.Stream = (activity) => activity;
    client.socket.on('connect', () => this.onOnline());
    socket.on('disconnect', () => this.onOffline());
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => this.onRefused(error.data?.code));
    client.socket.on('message', (activity: Activity) => this.hear(activity));
    this.socket = socket;
    this.client = client;
  }

  disconnect(): void {
    this.client?.clearCredentials();
    this.socket?.disconnect();
    this.socket = undefined;
    this.client = undefined;
    this.wasOnline = false;
    this.status = 'idle';
  }

  /** Tries at once, where the socket would wait for its next turn. */
  hurry(): void {
    if (this.status === 'offline') this.socket?.connect();
  }

  /** Resolves when the socket stands. */
  whenOnline(): Promise<void> {
    if (this.status === 'online') return Promise.resolve();
    return new Promise((resolve) => this.opened.push(resolve));
  }

  onActivity(hear: (activity: Activity) => void): void {
    this.hearers.add(hear);
  }

  onComeback(comeback: () => void): void {
    this.comebacks.add(comeback);
  }

  /** Resolves with the acknowledgement, rejects with a GatewayError. */
  request(event: 'credentials' | 'message', platform: Platform, activity: Activity): Promise<Activity> {
    const client = this.client;
    if (!client || this.status !== 'online') {
      return Promise.reject(new GatewayError('KOSMOS_ERR_NOT_CONNECTED', 'You are not connected.', true));
    }
    return new Promise((resolve, reject) => {
      const fail = (error: GatewayError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => fail(new GatewayError('NO_ANSWER', 'The server did not answer.')), patience);
      const settle = () => {
        clearTimeout(timer);
        this.pending.delete(fail);
      };
      this.pending.add(fail);
      client.socket.emit(event, { '@context': contextOf(platform), context: platform, ...activity }, (answer) => {
        const result = answer as Activity;
        if (result?.error) return fail(new GatewayError(result.errorCode ?? 'UNKNOWN', result.error));
        settle();
        resolve(result);
      });
    });
  }

  private hear(activity: Activity): void {
    for (const hearer of this.hearers) hearer(activity);
  }

  private onOnline(): void {
    this.status = 'online';
    for (const resolve of this.opened.splice(0)) resolve();
    if (this.wasOnline) for (const comeback of this.comebacks) comeback();
    this.wasOnline = true;
  }

  private onOffline(): void {
    if (this.status !== 'idle') this.status = 'offline';
    for (const fail of [...this.pending]) fail(new GatewayError('KOSMOS_ERR_NOT_CONNECTED', 'The connection was lost.'));
  }

  private onRefused(code: string | undefined): void {
    if (this.status !== 'idle') this.status = 'offline';
    if (code !== 'KOSMOS_ERR_UNAUTHENTICATED') return;
    this.disconnect();
    this.session.forget();
  }
}

declare module '@ember/service' {
  interface Registry {
    gateway: GatewayService;
  }
}
