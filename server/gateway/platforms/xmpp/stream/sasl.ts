import { KosmosError } from '../../../../foundation/errors.ts';
import { ns } from '../namespaces.ts';
import { childOf, childrenOf, elementsOf, textOf, xml, type Element } from '../xml/element.ts';
import { describeCondition, type Dialogue } from './dialogue.ts';
import { ScramClient, type ScramMechanism } from './scram.ts';

export interface SaslRequest {
  readonly server: string;
  readonly username: string;
  readonly secret: string;
  /** A token is checked by the server as a whole: only PLAIN can carry it. */
  readonly isToken: boolean;
  readonly isSecure: boolean;
}

const scrams: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-1'];
/** https://www.rfc-editor.org/rfc/rfc6120#section-6.5: what may go better another time. */
const passing = new Set(['temporary-auth-failure', 'aborted']);

/** Proves who we are. Throws KOSMOS_ERR_SERVER_LOGIN where trying again would not help, else KOSMOS_ERR_SERVER_UNREACHABLE. */
export async function authenticate(dialogue: Dialogue, features: Element, request: SaslRequest): Promise<void> {
  const offered = childrenOf(childOf(features, 'mechanisms', ns.sasl), 'mechanism').map((mechanism) => textOf(mechanism) ?? '');
  const scram = request.isToken ? undefined : scrams.find((mechanism) => offered.includes(mechanism));
  if (scram !== undefined) return proveByScram(dialogue, new ScramClient(scram, request.username, request.secret), request);
  if (!offered.includes('PLAIN')) throw refused(request, 'it offers no way to log in that we know');
  if (!request.isSecure) throw refused(request, 'it wants the password in the clear without TLS');
  const response = Buffer.from(`\0${request.username}\0${request.secret}`).toString('base64');
  expectSuccess(await dialogue.ask(xml('auth', { xmlns: ns.sasl, mechanism: 'PLAIN' }, response)), request);
}

async function proveByScram(dialogue: Dialogue, client: ScramClient, request: SaslRequest): Promise<void> {
  const first = Buffer.from(client.first()).toString('base64');
  const challenge = await dialogue.ask(xml('auth', { xmlns: ns.sasl, mechanism: client.mechanism }, first));
  if (challenge.name !== 'challenge') throw failureOf(challenge, request);
  const final = await client.final(decode(challenge)).catch((error: unknown) => {
    throw refused(request, `it sent ${error instanceof Error ? error.message : 'nonsense'}`);
  });
  const success = await dialogue.ask(xml('response', { xmlns: ns.sasl }, Buffer.from(final).toString('base64')));
  expectSuccess(success, request);
  if (!client.verify(decode(success))) throw refused(request, 'it does not know the password itself, so it is an impostor');
}

function decode(element: Element): string {
  return Buffer.from(textOf(element) ?? '', 'base64').toString('utf8');
}

function expectSuccess(answer: Element, request: SaslRequest): void {
  if (answer.name !== 'success' || answer.namespace !== ns.sasl) throw failureOf(answer, request);
}

function failureOf(answer: Element, request: SaslRequest): KosmosError {
  const condition = elementsOf(answer).find(({ name }) => name !== 'text')?.name ?? '';
  const reason = describeCondition(answer);
  if (answer.name !== 'failure' || passing.has(condition)) {
    return new KosmosError('KOSMOS_ERR_SERVER_UNREACHABLE', { server: request.server, reason });
  }
  return refused(request, reason);
}

function refused(request: SaslRequest, reason: string): KosmosError {
  return new KosmosError('KOSMOS_ERR_SERVER_LOGIN', { server: request.server, reason });
}
