/** What is asked for where it is offered. Names with `draft/` follow https://ircv3.net/irc/. */
const wanted = [
  'account-notify',
  'account-tag',
  'away-notify',
  'batch',
  'cap-notify',
  'chghost',
  'draft/chathistory',
  'draft/event-playback',
  'draft/message-redaction',
  'draft/multiline',
  'draft/read-marker',
  'echo-message',
  'extended-join',
  'extended-monitor',
  'invite-notify',
  'labeled-response',
  'message-tags',
  'multi-prefix',
  'sasl',
  'server-time',
  'setname',
  'standard-replies',
];
/** An echo is of use only if it can be told apart from what another client of the account said. */
const needsLabels = new Set(['echo-message', 'draft/multiline']);
const LONGEST_REQUEST = 400;

/** Capabilities of one connection: offered with their values, and granted. */
export class Capabilities {
  readonly #offered = new Map<string, string>();
  readonly #granted = new Set<string>();

  offer(list: string): void {
    for (const token of list.split(' ').filter(Boolean)) {
      const equals = token.indexOf('=');
      this.#offered.set(equals === -1 ? token : token.slice(0, equals), equals === -1 ? '' : token.slice(equals + 1));
    }
  }

  withdraw(list: string): void {
    for (const name of list.split(' ')) {
      this.#offered.delete(name);
      this.#granted.delete(name);
    }
  }

  acknowledge(list: string): void {
    for (const token of list.split(' ').filter(Boolean)) {
      if (token.startsWith('-')) this.#granted.delete(token.slice(1));
      else this.#granted.add(token);
    }
  }

  has(name: string): boolean {
    return this.#granted.has(name);
  }

  /** The value that was offered with it, such as `max-bytes=4096,max-lines=100`. */
  valueOf(name: string): string {
    return this.#offered.get(name) ?? '';
  }

  isOffered(name: string): boolean {
    return this.#offered.has(name);
  }

  /** Labels work: the answer to a request can be told from all else. */
  get labels(): boolean {
    return this.has('labeled-response') && this.has('batch');
  }

  /** Lists to send by CAP REQ, each short enough for a line. */
  requests(withSasl: boolean): string[] {
    const canLabel = this.isOffered('labeled-response') && this.isOffered('batch');
    const names = wanted.filter(
      (name) => this.isOffered(name) && !this.has(name) && (name !== 'sasl' || withSasl) && (canLabel || !needsLabels.has(name)),
    );
    const lists: string[] = [];
    for (const name of names) {
      const last = lists.at(-1);
      if (last !== undefined && last.length + name.length < LONGEST_REQUEST) lists[lists.length - 1] = `${last} ${name}`;
      else lists.push(name);
    }
    return lists;
  }
}
