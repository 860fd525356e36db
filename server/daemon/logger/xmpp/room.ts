import type { Channel } from '../../../teams/channels.ts';
import { idOf, type Happening } from '../happening.ts';
import { BOT_NAME } from '../../../identity/names.ts';
import { OVERLAP } from '../home.ts';
import type { Lane } from '../lane.ts';
import { accountOf, readMessage } from './reading.ts';
import { conditionOf, element, type Element, type XmppClient } from './client.ts';

const PAGE = 100;
const MUC_USER = 'http://jabber.org/protocol/muc#user';

type Entering = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** The bot in one room. Made anew for every connection. */
export class RoomPresence {
  readonly #client: XmppClient;
  readonly #lane: Lane;
  readonly #address: string;
  readonly #domain: string;
  /** Account (or nothing, where it is not ours) by nick. */
  readonly #occupants = new Map<string, string | undefined>();
  #nick = BOT_NAME;
  #archivedUntil = 0;
  #isEntered = false;
  #entering: Entering | undefined;
  #history: { id: string; happenings: Happening[] } | undefined;

  constructor(client: XmppClient, lane: Lane, address: string, domain: string) {
    this.#client = client;
    this.#lane = lane;
    this.#address = address;
    this.#domain = domain;
  }

  get isEntered(): boolean {
    return this.#isEntered;
  }

  /** Enters without the server's own replay: what our archive has not comes from the room's (XEP-0313), then live traffic. */
  async enter(archivedUntil: number): Promise<void> {
    this.#archivedUntil = archivedUntil;
    this.#lane.hold();
    const history = element('history', { maxstanzas: '0' });
    const entered = new Promise<void>((resolve, reject) => {
      this.#entering = { resolve, reject };
    });
    this.#client.send(
      element(
        'presence',
        { xmlns: 'jabber:client', to: `${this.#address}/${this.#nick}` },
        element('x', { xmlns: 'http://jabber.org/protocol/muc' }, history),
      ),
    );
    await entered;
    await this.#catchUp();
    this.#lane.release();
  }

  leave(): void {
    this.#isEntered = false;
    this.#client.send(element('presence', { xmlns: 'jabber:client', to: `${this.#address}/${this.#nick}`, type: 'unavailable' }));
  }

  /** The connection is gone. */
  fail(reason: Error): void {
    this.#isEntered = false;
    this.#entering?.reject(reason);
  }

  /** A stanza from this room. False if the archive does not keep up. */
  take(stanza: Element): boolean {
    if (stanza.getName() === 'presence') return this.#takePresence(stanza);
    const result = stanza.getChild('result', 'urn:xmpp:mam:2');
    if (result) this.#takeArchived(result);
    else if (stanza.getAttribute('type') !== 'error') return this.#lane.add(readMessage(stanza, this.#context()));
    return true;
  }

  /** Joins and leaves are known from presence alone: the server's archive has none. */
  #takePresence(presence: Element): boolean {
    const nick = presence.getAttribute('from')?.slice(this.#address.length + 1) ?? '';
    const type = presence.getAttribute('type');
    const statuses = presence.getChild('x', MUC_USER)?.getChildren('status') ?? [];
    const codes = statuses.map((status) => status.getAttribute('code'));
    if (type === 'error') return this.#refused(presence);
    if (codes.includes('110')) return this.#takeOwn(type, nick);
    const isKnown = this.#occupants.has(nick);
    const account = accountOf(presence, this.#domain) ?? this.#occupants.get(nick);
    if (type === 'unavailable') this.#occupants.delete(nick);
    else this.#occupants.set(nick, account);
    if (!this.#isEntered || codes.includes('303') || isKnown !== (type === 'unavailable')) return true;
    return this.#lane.add([movement(type === 'unavailable' ? 'leave' : 'join', nick, account)]);
  }

  #takeOwn(type: string | undefined, nick: string): true {
    this.#isEntered = type !== 'unavailable';
    if (type === 'unavailable') this.#occupants.clear();
    else {
      this.#nick = nick;
      this.#entering?.resolve();
    }
    return true;
  }

  #refused(presence: Element): true {
    this.#entering?.reject(new Error(conditionOf(presence.getChild('error') ?? presence)));
    return true;
  }

  #takeArchived(result: Element): void {
    const forwarded = result.getChild('forwarded', 'urn:xmpp:forward:0');
    const message = forwarded?.getChild('message');
    const stamp = forwarded?.getChild('delay')?.getAttribute('stamp');
    const id = result.getAttribute('id');
    if (!message || !stamp || !id || this.#history?.id !== result.getAttribute('queryid')) return;
    this.#history?.happenings.push(...readMessage(message, this.#context(), { id, time: this.#timeOf(stamp) }));
  }

  /** COMPAT: Prosody 0.12 stamps whole seconds; what came in the second of our newest message came after it. */
  #timeOf(stamp: string): string {
    const time = Date.parse(stamp);
    const isSameSecond = time <= this.#archivedUntil && this.#archivedUntil < time + 1_000;
    return new Date(isSameSecond ? this.#archivedUntil : time).toISOString();
  }

  async #catchUp(): Promise<void> {
    const start = new Date(this.#archivedUntil - OVERLAP).toISOString();
    for (let after: string | undefined, page = 0; ; page += 1) {
      const id = `${start} ${page}`;
      this.#history = { id, happenings: [] };
      const answer = await this.#client.ask('set', this.#address, archiveQuery(id, start, after));
      await this.#lane.addHistory(this.#history.happenings);
      const fin = answer.getChild('fin', 'urn:xmpp:mam:2');
      const last = fin?.getChild('set')?.getChild('last')?.getText();
      if (!fin || fin.getAttribute('complete') === 'true' || !last || last === after) break;
      after = last;
    }
    this.#history = undefined;
  }

  #context() {
    return { room: this.#address, domain: this.#domain, whoIs: (nick: string) => this.#occupants.get(nick) };
  }
}

export function roomOf(channel: Channel, domain: string): string {
  return `${channel.address}@rooms.${domain}`;
}

function movement(kind: 'join' | 'leave', nick: string, account: string | undefined): Happening {
  const sentAt = new Date().toISOString();
  return { type: 'message', message: { id: idOf(kind, nick, sentAt), kind, nick, text: '', sentAt, ...(account ? { account } : {}) } };
}

function archiveQuery(id: string, start: string, after: string | undefined): Element {
  const field = (name: string, value: string, type?: string): Element =>
    element('field', { var: name, ...(type ? { type } : {}) }, element('value', {}, value));
  return element(
    'query',
    { xmlns: 'urn:xmpp:mam:2', queryid: id },
    element('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('FORM_TYPE', 'urn:xmpp:mam:2', 'hidden'), field('start', start)),
    element(
      'set',
      { xmlns: 'http://jabber.org/protocol/rsm' },
      element('max', {}, String(PAGE)),
      ...(after ? [element('after', {}, after)] : []),
    ),
  );
}
