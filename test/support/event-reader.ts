type Data = Record<string, unknown>;

const LIMIT = 20_000;

/** Reads a stream of server-sent events, so that a test can wait for one. */
export class EventReader {
  readonly #abort = new AbortController();
  readonly #events: { type: string; data: Data; id: string | undefined }[] = [];
  #wake: () => void = () => undefined;

  static async open(origin: string, url: string, token: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = new EventReader();
    const answer = await fetch(origin + url, { headers: { authorization: `Bearer ${token}`, ...headers }, signal: reader.#abort.signal });
    if (answer.status !== 200 || !answer.body) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    void reader.#read(answer.body).catch(() => undefined);
    return reader;
  }

  /** The first event of that type that fits, of those not yet taken. */
  async receives(type: string, fits: (data: Data) => boolean): Promise<Data & { eventId?: string | undefined }> {
    for (const end = Date.now() + LIMIT; ;) {
      const index = this.#events.findIndex((event) => event.type === type && fits(event.data));
      const [found] = index < 0 ? [] : this.#events.splice(index, 1);
      if (found) return { ...found.data, eventId: found.id };
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited in vain for ${type}; got ${JSON.stringify(this.#events).slice(0, 2_000)}`);
      await this.#more(left);
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
      this.#wake();
    }
  }

  #take(block: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const data = field('data');
    if (data !== undefined) this.#events.push({ type: field('event') ?? 'message', data: JSON.parse(data) as Data, id: field('id') });
  }

  async #more(limit: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, limit);
    });
    clearTimeout(timer);
  }
}
