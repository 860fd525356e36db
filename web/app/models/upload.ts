import { tracked } from '@glimmer/tracking';
import type { Attachment } from '../lib/activity.ts';

let count = 0;

/** A file on its way. */
export class Upload {
  readonly id = ++count;
  readonly cancelled = new AbortController();
  @tracked part = 0;
  @tracked error = '';
  @tracked attachment: Attachment | undefined;

  constructor(readonly file: File) {}

  get name(): string {
    return this.file.name;
  }

  get percent(): number {
    return Math.round(this.part * 100);
  }

  get isDone(): boolean {
    return this.attachment !== undefined;
  }
}

/** Files that go with the next message. */
export class Outgoing {
  @tracked list: readonly Upload[] = [];

  get isBusy(): boolean {
    return this.list.some(({ isDone, error }) => !isDone && !error);
  }

  get attachments(): Attachment[] {
    return this.list.map(({ attachment }) => attachment).filter((attachment) => attachment !== undefined);
  }

  add(uploads: readonly Upload[]): void {
    this.list = [...this.list, ...uploads];
  }

  remove = (upload: Upload): void => {
    upload.cancelled.abort();
    this.list = this.list.filter((other) => other !== upload);
  };

  clear(): void {
    this.list = [];
  }
}
