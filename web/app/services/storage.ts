import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import type { Attachment } from '../lib/activity.ts';
import type { OwnStorage } from '../lib/own-storage.ts';
import { messageOf, settled } from '../lib/forms.ts';
import type DraftsService from './drafts.ts';
import type PreferencesService from './preferences.ts';
import type { Preferences } from './preferences.ts';
import type SessionService from './session.ts';
import type SpacesService from './spaces.ts';

/** The person's own remoteStorage: settings and networks are kept there, files that are shared too. */
export default class StorageService extends Service {
  @service declare preferences: PreferencesService;
  @service declare session: SessionService;
  @service declare drafts: DraftsService;
  @service declare spaces: SpacesService;
  @tracked isConnected = false;
  @tracked address = '';
  /** Why the last change could not be kept; the next change, or a try by hand, brings all of it. */
  @tracked failure = '';
  private own: Promise<OwnStorage> | undefined;
  private unsubscribe: () => void = () => undefined;

  /** Takes up a connection of before, or one that just came back from its consent page. */
  restore(): void {
    const isReturning = /access_token=|error=/.test(location.hash);
    if (!isReturning && !localStorage.getItem('remotestorage:wireclient')) return;
    void this.load();
  }

  /** Leads to the consent page of the storage, which leads back. */
  async connect(address: string): Promise<void> {
    const own = await this.load();
    await own.connect(address);
  }

  /** In one click: the account's own storage. */
  async connectOwn(): Promise<void> {
    const own = await this.load();
    await own.connectOwn();
  }

  async disconnect(): Promise<void> {
    const own = await this.load();
    own.disconnect();
  }

  /** The appliance's own can be connected without a question. */
  get isAvailable(): boolean {
    return this.isConnected || this.session.isLoggedIn;
  }

  get ownAddress(): string {
    return `${this.session.name}@${this.session.appliance?.domain ?? 'localhost'}`;
  }

  /** Puts a file where everybody with its address can read it. */
  async share(file: File, onProgress: (part: number) => void, cancel: AbortSignal): Promise<Attachment> {
    const own = await this.load();
    if (!this.isConnected) await own.connectOwn();
    return own.share(file, onProgress, cancel);
  }

  /** Brings the settings as they are now into the storage. */
  async keep(): Promise<void> {
    try {
      await (await this.load()).write(this.preferences.all);
      this.failure = '';
    } catch (error) {
      this.failure = messageOf(error);
    }
  }

  private load(): Promise<OwnStorage> {
    this.own ??= import('../lib/own-storage.ts').then(
      ({ OwnStorage: Own }) =>
        new Own({
          onConnected: (address) => {
            this.isConnected = true;
            this.address = address;
            // A storage that does not answer now, or a page that is left meanwhile: the next start takes it up again.
            void this.takeKept().catch(() => undefined);
          },
          // The appliance's token ends with the session that it was made in.
          onUnauthorized: () => {
            if (this.address === this.ownAddress) void this.connectOwn().catch(() => undefined);
          },
          onDisconnected: () => {
            this.unsubscribe();
            this.isConnected = false;
            this.address = '';
            this.failure = '';
          },
        }),
    );
    return this.own;
  }

  /** What was kept elsewhere comes here; from then on changes go there. */
  private async takeKept(): Promise<void> {
    const own = await this.load();
    const before = this.preferences.all;
    this.unsubscribe();
    const stop = this.preferences.onChange(settled(1_000, () => void this.keep()));
    this.drafts.onChange = settled(1_000, () => void own.writeDrafts(this.drafts.all).catch(() => undefined));
    const look = () => void this.takeDrafts(own);
    window.addEventListener('focus', look);
    this.unsubscribe = () => {
      stop();
      this.drafts.onChange = undefined;
      window.removeEventListener('focus', look);
    };
    await this.takeDrafts(own);
    const kept = await own.read();
    if (!kept) return this.keep();
    const { all } = this.preferences;
    // What the person changed in the meantime is newer than what was kept.
    const changed = Object.entries(all).filter(([key, value]) => before[key as keyof Preferences] !== value);
    this.preferences.replace({ ...all, ...kept, ...Object.fromEntries(changed) });
    this.spaces.adoptNetworks();
  }

  /** Drafts of other browsers; those that are newer here go there. */
  private async takeDrafts(own: OwnStorage): Promise<void> {
    const kept = await own.readDrafts().catch(() => undefined);
    if (!kept) return;
    this.drafts.take(kept);
    const isNewerHere = Object.entries(this.drafts.all).some(([key, { at }]) => at > (kept[key]?.at ?? 0));
    if (isNewerHere) await own.writeDrafts(this.drafts.all).catch(() => undefined);
  }
}

declare module '@ember/service' {
  interface Registry {
    storage: StorageService;
  }
}
