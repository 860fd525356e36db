import { Type, type Static } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Account } from '../identity/accounts.ts';
import type { Session } from '../identity/sessions.ts';
import type { Channel } from '../teams/channels.ts';
import type { Invite } from '../teams/invites.ts';
import type { Member } from '../teams/members.ts';
import type { Team } from '../teams/teams.ts';
import { originOf } from './origin.ts';
import type { Services } from './services.ts';

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const Role = Type.Enum(['owner', 'admin', 'member', 'guest']);
export const Home = Type.Enum(['irc', 'xmpp']);

export const AccountBody = Type.Object({ name: Type.String(), displayName: Nullable(Type.String()), isAdmin: Type.Boolean() });
export const SessionBody = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['browser', 'program']),
  userAgent: Nullable(Type.String()),
  address: Nullable(Type.String()),
  createdAt: Type.String(),
  seenAt: Type.String(),
  expiresAt: Type.String(),
  current: Type.Boolean(),
});
export const TeamBody = Type.Object({
  id: Type.String(),
  slug: Type.String(),
  name: Type.String(),
  home: Home,
  createdAt: Type.String(),
  role: Nullable(Role),
  accent: Nullable(Type.String({ description: '#rrggbb' })),
  logo: Nullable(Type.String({ description: 'Path of the picture; what it shows never changes' })),
});
export const MemberBody = Type.Object({
  name: Type.String(),
  displayName: Nullable(Type.String()),
  role: Role,
  joinedAt: Type.String(),
  disabled: Type.Boolean(),
});
export const ChannelBody = Type.Object({
  id: Type.String(),
  name: Type.String(),
  topic: Type.String(),
  private: Type.Boolean(),
  home: Home,
  address: Type.String(),
  createdAt: Type.String(),
  open: Type.Boolean(),
  archived: Type.Boolean(),
  default: Type.Boolean({ description: 'Opened to whoever joins the team' }),
});
export const InviteBody = Type.Object({ id: Type.String(), role: Role, usesLeft: Type.Integer(), expiresAt: Type.String() });

/** Every failure. */
export const ErrorBody = Type.Object({
  code: Type.String(),
  message: Type.String(),
  details: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
});

export function presentAccount({ name, displayName, isAdmin }: Account): Static<typeof AccountBody> {
  return { name, displayName, isAdmin };
}

export function presentSession(session: Session, currentId: string): Static<typeof SessionBody> {
  return { ...session, current: session.id === currentId };
}

export function presentTeam(team: Team, role: Static<typeof Role> | undefined): Static<typeof TeamBody> {
  const { id, slug, name, home, createdAt, accent, logo } = team;
  return { id, slug, name, home, createdAt, role: role ?? null, accent, logo: logo === null ? null : `/api/logos/${logo}` };
}

export function presentMember({ name, displayName, role, joinedAt, disabled }: Member): Static<typeof MemberBody> {
  return { name, displayName, role, joinedAt, disabled };
}

export function presentChannel(channel: Channel, open: boolean): Static<typeof ChannelBody> {
  const { id, name, topic, home, address, createdAt, isArchived: archived, isDefault } = channel;
  return { id, name, topic, private: channel.isPrivate, home, address, createdAt, open, archived, default: isDefault };
}

export function presentInvite({ id, role, usesLeft, expiresAt }: Invite): Static<typeof InviteBody> {
  return { id, role, usesLeft, expiresAt };
}

/** A link that sets a password, as a browser can open it. */
export function presentResetLink(
  services: Pick<Services, 'settings' | 'house'>,
  request: FastifyRequest,
  link: { readonly token: string; readonly expiresAt: string },
) {
  return { ...link, url: `${originOf(services, request)}/reset/${link.token}` };
}
