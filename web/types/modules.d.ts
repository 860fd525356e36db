declare module 'icon:*' {
  /** What stands inside the `<svg>` of one Lucide icon. */
  const inner: string;
  export default inner;
}

declare module 'emoji:*' {
  /** `[emoji, group, name, words that find it, short name]` */
  const emoji: readonly (readonly [string, number, string, string, string])[];
  export default emoji;
}

declare module '@sockethub/client' {
  import type { Socket } from 'socket.io-client';

  type Listener = (payload: never) => void;

  export default class SockethubClient {
    constructor(socket: Socket);
    debug: boolean;
    ActivityStreams: { Stream: (activity: unknown) => unknown };
    socket: {
      connected: boolean;
      on(event: string, listener: Listener): void;
      emit(event: string, content: unknown, acknowledge?: (answer: unknown) => void): void;
      connect(): void;
      disconnect(): void;
    };
    clearCredentials(): void;
  }
}

declare module 'remotestoragejs' {
  export interface Client {
    getListing(path: string): Promise<unknown>;
    getObject(path: string): Promise<unknown>;
    storeObject(type: string, path: string, object: object): Promise<string>;
    remove(path: string): Promise<unknown>;
    declareType(alias: string, schema: object): void;
    getItemURL(path: string): string | undefined;
  }

  export default class RemoteStorage {
    constructor(options: { cache: boolean; changeEvents?: object });
    access: { claim(scope: string, mode: 'r' | 'rw'): void };
    remote: { userAddress: string; token: string; configure(settings: object): void };
    scope(path: string): Client;
    on(event: string, listener: (...details: never[]) => void): void;
    connect(address: string): void;
    disconnect(): void;
  }
}

declare module 'translations:*' {
  /** By key: text, or a parsed message. */
  export type Messages = Record<string, string | readonly unknown[]>;
  const messages: Messages;
  export default messages;
}
