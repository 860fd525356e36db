import { tracked } from '@glimmer/tracking';

/** A component whose code is fetched when a template first asks for it, or when the page has time. */
export class Lazy<T> {
  @tracked private loaded: T | undefined;
  private loading: Promise<void> | undefined;

  constructor(private readonly load: () => Promise<T>) {
    window.setTimeout(() => this.fetch(), 2_500);
  }

  get component(): T | undefined {
    if (!this.loaded) this.fetch();
    return this.loaded;
  }

  private fetch(): void {
    this.loading ??= this.load().then(
      (loaded) => void (this.loaded = loaded),
      // Offline: the next one that asks tries again.
      () => void (this.loading = undefined),
    );
  }
}
