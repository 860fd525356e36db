/** The part of Armadietto 0.6.6 that we use; it is JavaScript without types. */
declare module 'armadietto' {
  /** With `bare`, the constructor returns the request handler. */
  const Armadietto: new (options: {
    bare: true;
    store: import('./armadietto.ts').ArmadiettoStore;
    basePath: string;
    http: { host: string };
  }) => (request: unknown, response: unknown) => void;
  export = Armadietto;
}

declare module 'armadietto/lib/logger.js' {
  interface WinstonLogger {
    silent: boolean;
    exceptions: { unhandle(): void };
    rejections: { unhandle(): void };
  }
  const logging: { configureLogger(options: { stdout: string[] }): WinstonLogger };
  export = logging;
}
