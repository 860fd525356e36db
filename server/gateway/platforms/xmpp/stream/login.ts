import { KosmosError } from '../../../../foundation/errors.ts';
import { ns } from '../namespaces.ts';
import { childOf, childText, xml, type Element } from '../xml/element.ts';
import { describeCondition, type Dialogue } from './dialogue.ts';
import { authenticate } from './sasl.ts';
import type { Transport } from './transport.ts';

export interface LoginRequest {
  readonly domain: string;
  readonly username: string;
  readonly resource: string | undefined;
  readonly secret: string;
  readonly isToken: boolean;
  /** The stream to take up again (XEP-0198), and how many of its stanzas we have. */
  readonly resumption: { readonly id: string; readonly received: number } | undefined;
}

export interface Login {
  /** The full address that the server gave; undefined where the old stream was taken up. */
  readonly jid?: string;
  /** How many of our stanzas the server has; undefined where the stream is new. */
  readonly resumedAt?: number;
  /** The stream may be taken up under this id. */
  readonly resumptionId?: string;
  readonly hasAcknowledgements: boolean;
}

/** From an open connection to a bound stream (RFC 6120, 4.3). What the server said meanwhile waits in the dialogue. */
export async function login(dialogue: Dialogue, transport: Transport, request: LoginRequest): Promise<Login> {
  const offered = await openSecurely(dialogue, transport, request.domain);
  await authenticate(dialogue, offered, { ...request, server: request.domain, isSecure: transport.isSecure });
  const features = await dialogue.open(request.domain);
  const hasSmacks = childOf(features, 'sm', ns.smacks) !== undefined;
  if (request.resumption !== undefined && hasSmacks) {
    const resumedAt = await resume(dialogue, request.resumption);
    if (resumedAt !== undefined) return { resumedAt, resumptionId: request.resumption.id, hasAcknowledgements: true };
  }
  const jid = await bind(dialogue, features, request);
  return { jid, ...(hasSmacks ? await enable(dialogue) : { hasAcknowledgements: false }) };
}

async function openSecurely(dialogue: Dialogue, transport: Transport, domain: string): Promise<Element> {
  const features = await dialogue.open(domain);
  if (transport.isSecure || transport.encrypt === undefined) return features;
  if (childOf(features, 'starttls', ns.tls) === undefined) throw unreachable(domain, 'it offers no TLS');
  const answer = await dialogue.ask(xml('starttls', { xmlns: ns.tls }));
  if (answer.name !== 'proceed') throw unreachable(domain, 'it refused TLS');
  await transport.encrypt();
  return dialogue.open(domain);
}

async function resume(dialogue: Dialogue, { id, received }: { id: string; received: number }): Promise<number | undefined> {
  const answer = await dialogue.ask(xml('resume', { xmlns: ns.smacks, previd: id, h: String(received) }));
  return answer.name === 'resumed' ? Number(answer.attributes['h'] ?? 0) : undefined;
}

async function bind(dialogue: Dialogue, features: Element, request: LoginRequest): Promise<string> {
  const resource = request.resource === undefined ? undefined : xml('resource', {}, request.resource);
  const answer = await dialogue.ask(xml('iq', { type: 'set', id: 'bind' }, xml('bind', { xmlns: ns.bind }, resource)));
  const jid = childText(childOf(answer, 'bind', ns.bind), 'jid');
  if (jid === undefined) throw unreachable(request.domain, describeCondition(childOf(answer, 'error')));
  const session = childOf(features, 'session', ns.session);
  // RFC 3921's session: servers that still ask for it must be asked, all others call it optional.
  if (session !== undefined && childOf(session, 'optional') === undefined) {
    await dialogue.ask(xml('iq', { type: 'set', id: 'session' }, xml('session', { xmlns: ns.session })));
  }
  return jid;
}

async function enable(dialogue: Dialogue): Promise<Pick<Login, 'resumptionId' | 'hasAcknowledgements'>> {
  const answer = await dialogue.ask(xml('enable', { xmlns: ns.smacks, resume: 'true', max: '300' }));
  if (answer.name !== 'enabled') return { hasAcknowledgements: false };
  const { id, resume: mayResume } = answer.attributes;
  const isResumable = id !== undefined && (mayResume === 'true' || mayResume === '1');
  return { hasAcknowledgements: true, ...(isResumable ? { resumptionId: id } : {}) };
}

function unreachable(server: string, reason: string): KosmosError {
  return new KosmosError('KOSMOS_ERR_SERVER_UNREACHABLE', { server, reason });
}
