import { KosmosError } from '../../../../foundation/errors.ts';
import { ns } from '../namespaces.ts';
import { elementsOf, type Element } from '../xml/element.ts';
import { describeCondition } from './dialogue.ts';

/** A refusal by the server or a room, with its condition (RFC 6120, 8.3.3) for whoever must decide on it. */
export class StanzaError extends KosmosError {
  readonly condition: string;

  constructor(condition: string, action: string, reason: string) {
    super('KOSMOS_ERR_SERVER_REFUSED', { reason: `${action}: ${reason}.` });
    this.condition = condition;
  }
}

export function stanzaError(error: Element | undefined, action: string): StanzaError {
  const condition = elementsOf(error).find(({ name, namespace }) => namespace === ns.stanzaErrors && name !== 'text')?.name;
  return new StanzaError(condition ?? 'undefined-condition', action, describeCondition(error));
}
