import { tracked } from '@glimmer/tracking';
import { settled } from '../../../lib/forms.ts';

/** Something the server is asked for, and asked again when it may have changed. */
export class Loaded<T> {
  @tracked value: T | undefined;
  @tracked error: unknown;
  private asked = 0;

  constructor(private readonly load: () => Promise<T>) {
    void this.refresh();
  }

  get isLoading(): boolean {
    return this.value === undefined && this.error === undefined;
  }

  refresh = async (): Promise<void> => {
    const asked = ++this.asked;
    try {
      const value = await this.load();
      if (asked !== this.asked) return;
      // The same again must not draw forms anew: a field that somebody is typing into would fall back to what is stored.
      if (JSON.stringify(value) !== JSON.stringify(this.value)) this.value = value;
      this.error = undefined;
    } catch (error) {
      if (asked === this.asked) this.error = error;
    }
  };

  refreshSoon = settled(250, () => void this.refresh());
}
