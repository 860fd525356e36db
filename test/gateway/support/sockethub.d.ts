/** The packages carry no declarations that Node's resolution finds. */
declare module '@sockethub/client' {
  import type { Socket } from 'socket.io-client';

  export default class SockethubClient {
    constructor(socket: Socket);
    debug: boolean;
    readonly socket: {
      on(event: string, listener: (activity: never) => void): void;
      emit(event: string, content: object, callback?: (answer: never) => void): void;
    };
    readonly ActivityStreams: {
      Stream(activity: object): object;
      readonly Object: { create(object: object): object };
    };
  }
}

declare module '@sockethub/schemas' {
  /** Empty if the activity is valid, else what is wrong. */
  export function validateActivityStream(activity: object): string;
}
