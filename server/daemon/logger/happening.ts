import type { Amendment, Deletion, Edit } from '../../archive/amend.ts';
import type { NewMessage } from '../../archive/message.ts';

/** What a server told of a channel, as the archive takes it. */
export type Happening =
  | { readonly type: 'message'; readonly message: NewMessage }
  | { readonly type: 'edit'; readonly edit: Edit }
  | { readonly type: 'deletion'; readonly deletion: Deletion }
  | { readonly type: 'reaction'; readonly reaction: Amendment & { readonly emoji: string; readonly added: boolean } }
  | { readonly type: 'reactions'; readonly reactions: Amendment & { readonly emojis: readonly string[] } };

/** The id of what the server gives none, from what it is: the same in live traffic and in history. */
export function idOf(kind: string, nick: string, time: string): string {
  return `${kind} ${nick.toLowerCase()} ${time}`;
}
