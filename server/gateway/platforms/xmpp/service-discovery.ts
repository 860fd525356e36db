import { limits } from './limits.ts';
import { ns } from './namespaces.ts';
import type { XmppSession } from './session.ts';
import { childOf, childrenOf, xml, type Element } from './xml/element.ts';

export interface ServerFacts {
  readonly features: ReadonlySet<string>;
  /** Where rooms live. */
  readonly rooms: string | undefined;
  readonly upload: { readonly jid: string; readonly maximum: number } | undefined;
}

const KEPT_FOR = 10 * 60_000;
const MOST_KEPT = 200;
const MOST_SERVICES = 20;
/** All sessions on a server see the same services: thousands need not ask for them one by one. */
const kept = new Map<string, { readonly facts: Promise<ServerFacts>; readonly until: number }>();

export async function infoOf(session: XmppSession, jid: string, action: string): Promise<Element | undefined> {
  const answer = await session.connection.request('get', jid, xml('query', { xmlns: ns.discoInfo }), action);
  return childOf(answer, 'query', ns.discoInfo);
}

export function featuresIn(info: Element | undefined): ReadonlySet<string> {
  return new Set(childrenOf(info, 'feature').map(({ attributes }) => attributes['var'] ?? ''));
}

export async function discoItems(session: XmppSession, jid: string, action: string): Promise<readonly Element[]> {
  const answer = await session.connection.request('get', jid, xml('query', { xmlns: ns.discoItems }), action);
  return childrenOf(childOf(answer, 'query', ns.discoItems), 'item');
}

/** What the account's server knows and which services stand beside it. */
export function factsOf(session: XmppSession): Promise<ServerFacts> {
  const { domain } = session.account;
  const known = kept.get(domain);
  if (known !== undefined && known.until > Date.now()) return known.facts;
  if (kept.size >= MOST_KEPT) kept.clear();
  const facts = discover(session, domain);
  kept.set(domain, { facts, until: Date.now() + KEPT_FOR });
  facts.catch(() => kept.delete(domain));
  return facts;
}

async function discover(session: XmppSession, domain: string): Promise<ServerFacts> {
  const action = 'the server does not say what it knows';
  const [server, account, items] = await Promise.all([
    infoOf(session, domain, action),
    infoOf(session, session.account.jid, action).catch(() => undefined),
    discoItems(session, domain, action).catch(() => []),
  ]);
  const services = await Promise.all(items.slice(0, MOST_SERVICES).map((item) => service(session, item)));
  const withFeature = (feature: string) => services.find(({ features }) => features.has(feature));
  const isRoomService = ({ info }: Service): boolean =>
    childrenOf(info, 'identity').some(({ attributes }) => attributes['category'] === 'conference' && attributes['type'] === 'text');
  const upload = withFeature(ns.upload);
  return {
    features: new Set([...featuresIn(server), ...featuresIn(account)]),
    rooms: services.find((found) => isRoomService(found) && found.features.has(ns.muc))?.jid,
    upload: upload === undefined ? undefined : { jid: upload.jid, maximum: largestUpload(upload.info) },
  };
}

interface Service {
  readonly jid: string;
  readonly info: Element | undefined;
  readonly features: ReadonlySet<string>;
}

async function service(session: XmppSession, item: Element): Promise<Service> {
  const jid = item.attributes['jid'] ?? '';
  const info = await infoOf(session, jid, '').catch(() => undefined);
  return { jid, info, features: featuresIn(info) };
}

function largestUpload(info: Element | undefined): number {
  return Number(formField(info, 'max-file-size') ?? Infinity);
}

/** A field of the extended information (https://xmpp.org/extensions/xep-0128.html). */
export function formField(info: Element | undefined, name: string): string | undefined {
  for (const form of childrenOf(info, 'x', ns.dataForms)) {
    const field = childrenOf(form, 'field').find(({ attributes }) => attributes['var'] === name);
    const value = childOf(field, 'value');
    if (value !== undefined)
      return value.children
        .filter((node) => typeof node === 'string')
        .join('')
        .slice(0, limits.text);
  }
  return undefined;
}
