import type { Exit, Run } from './driver.ts';

/** A server that somebody else runs: it "ends" for us when we stop to use it. */
export class ExternalRun implements Run {
  readonly pid = 0;
  readonly exited: Promise<Exit>;
  #end: (exit: Exit) => void = () => undefined;

  constructor() {
    this.exited = new Promise((resolve) => (this.#end = resolve));
  }

  async stop(): Promise<void> {
    this.#end({ code: 0, signal: null });
    await this.exited;
  }

  /** Its configuration is its owner's. */
  reload(): void {
    return;
  }

  usage(): undefined {
    return undefined;
  }
}
