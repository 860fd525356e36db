/** What changed in the appliance, told to every process that follows `/internal/events`. Names, not rows: who needs more asks. */
export type EventBody =
  | { type: 'account-created'; account: string; name: string }
  | { type: 'account-changed'; account: string; name: string }
  | { type: 'account-disabled'; account: string; name: string }
  | { type: 'account-enabled'; account: string; name: string }
  | { type: 'password-changed'; account: string; name: string }
  | { type: 'session-ended'; account: string; name: string; session: string }
  /** All of an account, on every server; the password stays. */
  | { type: 'sessions-ended'; account: string; name: string }
  | { type: 'team-created'; team: string }
  | { type: 'team-changed'; team: string }
  | { type: 'team-removed'; team: string }
  | { type: 'member-added'; team: string; account: string; name: string }
  | { type: 'member-changed'; team: string; account: string; name: string }
  | { type: 'member-removed'; team: string; account: string; name: string }
  | { type: 'channel-created'; team: string; channel: string }
  | { type: 'channel-changed'; team: string; channel: string }
  | { type: 'channel-renamed'; team: string; channel: string; from: string }
  | { type: 'channel-removed'; team: string; channel: string; home: 'irc' | 'xmpp'; address: string }
  | { type: 'channel-member-added'; team: string; channel: string; account: string; name: string }
  | { type: 'channel-member-removed'; team: string; channel: string; account: string; name: string }
  | { type: 'channel-documents-changed'; team: string; channel: string }
  | MarkerMoved
  | { type: 'invite-changed'; team: string; invite: string }
  | { type: 'settings-changed' }
  /** A line of the audit log was written. */
  | { type: 'act-recorded'; act: number; team: string | null }
  | { type: 'gateway-changed' }
  | { type: 'domain-changed'; domain: string };

/** An account has read a channel up to a message, on whatever client. */
export interface MarkerMoved {
  type: 'marker-moved';
  team: string;
  channel: string;
  home: 'irc' | 'xmpp';
  /** The channel's name on its server. */
  address: string;
  account: string;
  name: string;
  /** Id and time of the newest message read. */
  message: string;
  sentAt: string;
}

export type EventType = EventBody['type'];

/** `id` rises by commit order and never repeats; a follower that kept it misses nothing. */
export type ApplianceEvent = EventBody & { readonly id: number; readonly at: string };
