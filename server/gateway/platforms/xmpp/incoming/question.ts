import { discoInfo } from '../caps.ts';
import { ns } from '../namespaces.ts';
import { receiveRoster } from './roster.ts';
import type { XmppSession } from '../session.ts';
import { elementsOf, xml, type Element } from '../xml/element.ts';
import { receiveBlocking } from './blocking.ts';

/** https://www.rfc-editor.org/rfc/rfc6120#section-8.2.3: every question is answered, if only with a refusal. */
export function answerQuestion(session: XmppSession, iq: Element): void {
  const { id, from, type } = iq.attributes;
  if (id === undefined || (type !== 'get' && type !== 'set')) return;
  const [payload] = elementsOf(iq);
  const isFromServer = from === undefined || from === session.account.jid;
  const answer = type === 'get' ? answerTo(payload) : isFromServer && payload !== undefined ? taken(session, payload) : undefined;
  if (answer !== undefined)
    return session.connection.send(xml('iq', { type: 'result', id, to: from }, answer === 'done' ? undefined : answer));
  const error = xml('error', { type: 'cancel' }, xml('service-unavailable', { xmlns: ns.stanzaErrors }));
  session.connection.send(xml('iq', { type: 'error', id, to: from }, error));
}

type Answer = Element | 'done' | undefined;

function answerTo(payload: Element | undefined): Answer {
  if (payload?.namespace === ns.ping) return 'done';
  if (payload?.namespace === ns.discoInfo) return discoInfo(payload.attributes['node']);
  if (payload?.namespace === ns.softwareVersion) return xml('query', { xmlns: ns.softwareVersion }, xml('name', {}, 'Kosmos Chat'));
  return undefined;
}

function taken(session: XmppSession, payload: Element): Answer {
  if (payload.namespace === ns.roster) receiveRoster(session, payload);
  else if (payload.namespace === ns.blocking) receiveBlocking(session, payload);
  else return undefined;
  return 'done';
}
