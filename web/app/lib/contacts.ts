import { type Activity, bare, nameOf, type Person } from './activity.ts';
import type { Space } from '../models/space.ts';

/** Contacts of an XMPP account that the person added: with each of them there is a talk. */
export async function loadContacts(space: Space): Promise<void> {
  const answer = await space.connection.request('query', space.connection.service, { type: 'roster' });
  for (const person of (answer.object?.['items'] as Person[] | undefined) ?? []) addContact(space, person);
}

export function addContact(space: Space, { id = '', name, presence, subscription }: Person): void {
  const address = bare(id);
  if (!address || subscription === 'remove') return;
  space.contacts.set(address.toLowerCase(), { name: name ?? address, presence: presence ?? 'offline' });
  space.addDirect(address, address);
}

/** The contact list changed on the server, perhaps from another program. */
export function takeContactChange(space: Space, { type, target, object }: Activity): void {
  const address = bare(target?.id ?? '');
  if (type === 'remove') return void space.contacts.delete(address.toLowerCase());
  const before = space.contacts.get(address.toLowerCase());
  addContact(space, {
    type: 'person',
    id: address,
    name: object?.name ?? nameOf(target),
    ...(before ? { presence: before.presence } : {}),
  });
}
