import { KosmosError } from '../foundation/errors.ts';
import type { Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';

/** Who asks, seen from one team (and one channel of it, where the question is about a channel). */
export interface Actor {
  readonly account: Account;
  /** Role in the team in question; undefined for somebody outside. */
  readonly role?: Role;
  /** Whether the channel in question is open to the actor. */
  readonly inChannel?: boolean;
  /** Whether the question is about the actor's own membership. */
  readonly isSelf?: boolean;
  /** Role of the member that is acted on, or the role to be given. */
  readonly otherRoles?: readonly Role[];
  /** Whether the account that is acted on is in no other team and does not run the appliance. */
  readonly isOfThisTeamAlone?: boolean;
}

/** A condition that reads as part of a sentence: `teamAdmin.or(applianceAdmin)`. */
class Condition {
  readonly holds: (actor: Actor) => boolean;
  constructor(holds: (actor: Actor) => boolean) {
    this.holds = holds;
  }
  or(other: Condition): Condition {
    return new Condition((actor) => this.holds(actor) || other.holds(actor));
  }
  and(other: Condition): Condition {
    return new Condition((actor) => this.holds(actor) && other.holds(actor));
  }
}

const roleIn = (...roles: Role[]): Condition => new Condition(({ role }) => role !== undefined && roles.includes(role));
const applianceAdmin = new Condition(({ account }) => account.isAdmin);
const owner = roleIn('owner').or(applianceAdmin);
const admin = roleIn('owner', 'admin').or(applianceAdmin);
const member = roleIn('owner', 'admin', 'member').or(applianceAdmin);
const anyone = roleIn('owner', 'admin', 'member', 'guest').or(applianceAdmin);
const inTheChannel = new Condition(({ inChannel }) => inChannel === true);
const themselves = new Condition(({ isSelf }) => isSelf === true);
const somebodyElse = new Condition(({ isSelf }) => isSelf !== true);
const ofThisTeamAlone = new Condition(({ isOfThisTeamAlone }) => isOfThisTeamAlone === true);
const noOwnerConcerned = new Condition(({ otherRoles }) => !otherRoles?.includes('owner'));

/** Every question that a route asks. The key completes “You may not …”. */
const policies = {
  'see this team': anyone,
  'create teams': applianceAdmin,
  'change this team': admin,
  'remove this team': owner,
  'change how long this team keeps messages': owner,
  'administer this team': admin,
  'see the audit log of this team': admin,
  'see the members of this team': anyone,
  'change the role of this member': owner.or(admin.and(noOwnerConcerned)),
  'remove this member': owner.or(admin.and(noOwnerConcerned)).or(themselves),
  // A password opens every team of its account, so a team may only set one that opens nothing else. One's own takes the old one.
  'reset the password of this member': applianceAdmin.or(admin.and(noOwnerConcerned).and(ofThisTeamAlone)).and(somebodyElse),
  // Not one's own: the last admin of the appliance would have nobody to let them in again.
  'disable this account': applianceAdmin.and(somebodyElse),
  'invite people to this team': admin.and(noOwnerConcerned),
  'run the bots of this team': admin,
  'see the channels of this team': anyone,
  'create channels in this team': member,
  'see this channel': inTheChannel.or(admin),
  'read this channel': inTheChannel,
  'change this channel': admin.or(member.and(inTheChannel)),
  'archive this channel': admin,
  'remove this channel': admin,
  // Who runs these decides what is said in the channel by machines, or what leaves it: the second takes somebody who may read it.
  'run the webhooks of this channel': admin,
  'let what is said in this channel out': admin.and(inTheChannel),
  'import into this channel': admin.and(inTheChannel),
  'change who is in this channel': admin.or(member.and(inTheChannel)),
  'leave this channel': themselves,
  'export this team': admin,
  'run the components': applianceAdmin,
  'administer the appliance': applianceAdmin,
  'see the sessions of this member': applianceAdmin.or(admin.and(noOwnerConcerned).and(ofThisTeamAlone)),
} as const;

export type Action = keyof typeof policies;

export function may(actor: Actor, action: Action): boolean {
  return policies[action].holds(actor);
}

/** Throws KOSMOS_ERR_FORBIDDEN. */
export function checkMay(actor: Actor, action: Action): void {
  if (!may(actor, action)) throw new KosmosError('KOSMOS_ERR_FORBIDDEN', { action });
}
