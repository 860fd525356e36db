/** A remoteStorage client without comfort: one request, the answer with its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Without quotes. */
  readonly etag: string | undefined;
  json<T>(): T;
}

export class StorageClient {
  readonly #root: string;
  readonly #token: string | undefined;

  constructor(root: string, token?: string) {
    this.#root = root;
    this.#token = token;
  }

  async send(method: string, path: string, headers: Record<string, string> = {}, body?: RequestInit['body']): Promise<Answer> {
    const authorization: Record<string, string> = this.#token ? { authorization: `Bearer ${this.#token}` } : {};
    const init = { method, headers: { ...authorization, ...headers }, body, redirect: 'manual', duplex: 'half' };
    const response = await fetch(this.#root + path, init as RequestInit);
    const text = await response.text();
    return {
      ...{ status: response.status, headers: response.headers, text },
      etag: response.headers.get('etag')?.replace(/^"(.*)"$/, '$1'),
      json: <T>() => JSON.parse(text) as T,
    };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, headers);
  }

  put(path: string, body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PUT', path, { 'content-type': 'text/plain', ...headers }, body);
  }

  delete(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('DELETE', path, headers);
  }
}

export interface FolderDescription {
  '@context': string;
  items: Record<string, { ETag: string; 'Content-Type'?: string; 'Content-Length'?: number; 'Last-Modified'?: string }>;
}
