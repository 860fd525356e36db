import { tracked } from '@glimmer/tracking';
import { api } from './api.ts';
import { bytesOf } from './bytes.ts';

/** How far a test push got on its way to one browser. */
export interface TestedBrowser {
  service: string;
  hops: { step: 'address' | 'connection' | 'answer'; ok: boolean; detail: string }[];
}

/** Web Push: this browser is called when no window is open. */
export class Push {
  /** Why it cannot be had here; empty where it can. */
  @tracked obstacle: 'unknown' | 'browser' | 'server' | '' = 'unknown';
  @tracked isSubscribed = false;
  private key = '';

  constructor(private readonly account: string) {}

  /** Whether browser and server can do it, and whether this browser already does. */
  async look(): Promise<void> {
    if (!('PushManager' in window) || !('serviceWorker' in navigator)) return void (this.obstacle = 'browser');
    try {
      const answer = await fetch('/web-push/vapid-public-key');
      this.key = answer.ok ? (await answer.text()).trim() : '';
      if (!this.key) return void (this.obstacle = 'server');
      await navigator.serviceWorker.register('/sw.js');
      const subscription = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
      this.isSubscribed = subscription !== null;
      this.obstacle = '';
    } catch {
      this.obstacle = 'server';
    }
  }

  async subscribe(): Promise<void> {
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(this.key) });
    await api('POST', '/web-push/register', { user: this.account, subscription: subscription.toJSON() });
    this.isSubscribed = true;
  }

  async unsubscribe(): Promise<void> {
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.getSubscription();
    if (!subscription) return;
    await api('POST', '/web-push/unregister', { subscription: subscription.toJSON() });
    await subscription.unsubscribe();
    this.isSubscribed = false;
  }

  async test(): Promise<TestedBrowser[]> {
    const { browsers } = await api<{ browsers: TestedBrowser[] }>('POST', '/web-push/test', {});
    return browsers;
  }
}
