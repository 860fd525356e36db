import { ns } from './namespaces.ts';
import type { XmppSession } from './session.ts';
import { childOf, childrenOf, xml, type Element } from './xml/element.ts';

/** Items of one of the account's own nodes (https://xmpp.org/extensions/xep-0163.html); none where there is no such node. */
export async function itemsOf(session: XmppSession, node: string, most: number): Promise<readonly Element[]> {
  const query = xml('pubsub', { xmlns: ns.pubsub }, xml('items', { node, max_items: String(most) }));
  const answer = await session.connection.request('get', undefined, query, 'the items were not given').catch(() => undefined);
  return childrenOf(childOf(childOf(answer, 'pubsub', ns.pubsub), 'items'), 'item').slice(0, most);
}

/** Puts an item on a private node that keeps all of its items (https://xmpp.org/extensions/xep-0223.html). */
export async function publish(session: XmppSession, node: string, id: string, payload: Element, action: string): Promise<void> {
  const option = (name: string, value: string, type?: string): Element => xml('field', { var: name, type }, xml('value', {}, value));
  const options = xml(
    'x',
    { xmlns: ns.dataForms, type: 'submit' },
    option('FORM_TYPE', ns.publishOptions, 'hidden'),
    option('pubsub#persist_items', 'true'),
    option('pubsub#max_items', 'max'),
    option('pubsub#send_last_published_item', 'never'),
    option('pubsub#access_model', 'whitelist'),
  );
  const item = xml('publish', { node }, xml('item', { id }, payload));
  await session.connection.request(
    'set',
    undefined,
    xml('pubsub', { xmlns: ns.pubsub }, item, xml('publish-options', {}, options)),
    action,
  );
}
