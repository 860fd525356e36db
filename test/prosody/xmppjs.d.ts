/** @xmpp/client has no types of its own; this is what the tests use of it. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';

  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string>;
    is(name: string, namespace?: string): boolean;
    getChild(name: string, namespace?: string): Element | undefined;
    getChildText(name: string, namespace?: string): string | null;
    toString(): string;
  }
  type Authenticate = (credentials: { username: string; password: string }, mechanism: string) => Promise<void>;
  export interface Client extends EventEmitter {
    readonly reconnect: { stop(): void };
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    send(element: Element): Promise<void>;
  }
  export function client(options: {
    service: string;
    domain: string;
    resource?: string;
    credentials?: (authenticate: Authenticate, mechanisms: string[]) => Promise<void>;
  }): Client;
  export function xml(name: string, attributes?: Record<string, string>, ...children: (Element | string)[]): Element;
}
