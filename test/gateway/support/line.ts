import { once } from 'node:events';
import net from 'node:net';

/** The cable between the gateway and Ergo: it can be cut, or go dead without a word, per connection. */
export class Line {
  readonly #server: net.Server;
  readonly #pairs: ({ near: net.Socket; far: net.Socket } | undefined)[] = [];
  #isCut = false;

  static async lay(port: number, to: number): Promise<Line> {
    const line = new Line(to);
    line.#server.listen(port, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  private constructor(to: number) {
    this.#server = net.createServer((near) => {
      near.on('error', () => undefined);
      if (this.#isCut) return void near.destroy();
      const far = net.connect(to, '127.0.0.1').setNoDelay(true);
      near.setNoDelay(true);
      far.on('error', () => near.destroy()).on('close', () => near.destroy());
      const number = this.#pairs.push({ near, far }) - 1;
      near.on('close', () => {
        far.destroy();
        this.#pairs[number] = undefined;
      });
      near.pipe(far).pipe(near);
    });
  }

  /** How many connections there have been; the next one gets this number. */
  get next(): number {
    return this.#pairs.length;
  }

  /** Breaks one connection; new ones are refused until `mend`. */
  cut(connection: number): void {
    this.#isCut = true;
    this.#pairs[connection]?.near.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Nothing passes any more, and neither side is told. */
  freeze(connection: number): void {
    const { near, far } = this.#pairs[connection] ?? {};
    near?.unpipe(far).pause();
    far?.unpipe(near).pause();
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) {
      pair?.near.destroy();
      pair?.far.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }
}
