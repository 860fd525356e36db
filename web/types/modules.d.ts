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
