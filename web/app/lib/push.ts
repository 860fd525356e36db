import { tracked } from '@glimmer/tracking';
import { api } from './api.ts';

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const base64 = base64url.replace(/-/g, '+').replace(/_/g, '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Web Push: this browser is called when no window is open. */
export class Push {
  @tracked isAvailable = false;
  @tracked isSubscribed = false;
  private key = '';

  constructor(private readonly account: string) {}

  /** Whether browser and server can do it, and whether this browser already does. */
  async look(): Promise<void> {
    if (!('PushManager' in window) || !('serviceWorker' in navigator)) return;
    try {
      // Text, as Kosmos clients have always been given it.
      const answer = await fetch('/web-push/vapid-public-key');
      if (!answer.ok) return;
      this.key = (await answer.text()).trim();
    } catch {
      return;
    }
    // On a first visit the worker takes a moment.
    const registration = await navigator.serviceWorker.ready;
    this.isAvailable = this.key !== '';
    this.isSubscribed = (await registration.pushManager.getSubscription()) !== null;
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

  async test(): Promise<void> {
    await api('POST', '/web-push/test', {});
  }
}
