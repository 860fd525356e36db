import { Type } from '@fastify/type-provider-typebox';
import { channelColumns, teamColumns } from '../../../archive/tables.ts';
import { accountColumns } from '../../../teams/account-table.ts';
import { inviteColumns, inviteStates } from '../../../teams/invite-table.ts';
import { memberColumns } from '../../../teams/people-table.ts';
import { ChannelBody, Nullable, Role, SessionBody, TeamBody } from '../../presenters.ts';
import { answers, answersNothing, DisplayName, Exactly, Key, Name, Password, tableQuery, TeamMemberParams, TeamParams } from '../shared.ts';

const Protocol = Type.Enum(['web', 'irc', 'xmpp']);
const Moment = Nullable(Type.String());
const person = {
  name: Type.String(),
  displayName: Nullable(Type.String()),
  disabled: Type.Boolean(),
  isAdmin: Type.Boolean({ description: 'Runs the appliance' }),
  isBot: Type.Boolean({ description: 'A program’s' }),
  secondFactor: Type.Boolean(),
  sessions: Type.Integer(),
  online: Type.Array(Protocol),
  seen: Type.Object({ web: Moment, irc: Moment, xmpp: Moment, storage: Moment }),
  seenAt: Moment,
};

const TeamRowBody = Type.Interface([TeamBody], {
  members: Type.Integer(),
  channels: Type.Integer(),
  messages: Type.Integer(),
  retentionDays: Nullable(Type.Integer()),
});

const MemberRowBody = Type.Object({
  ...person,
  role: Role,
  joinedAt: Type.String(),
  may: Type.Object({ changeRole: Type.Boolean(), remove: Type.Boolean(), disable: Type.Boolean(), resetPassword: Type.Boolean() }),
});

const AccountRowBody = Type.Object({
  ...person,
  email: Nullable(Type.String()),
  createdAt: Type.String(),
  teams: Type.Array(Type.Object({ slug: Type.String(), name: Type.String(), role: Role })),
});

const LiveBody = Type.Object({
  protocol: Type.Enum(['irc', 'xmpp']),
  client: Nullable(Type.String()),
  address: Nullable(Type.String()),
  since: Moment,
  viaGateway: Type.Boolean(),
});

const LinkBody = Type.Object({ token: Type.String(), url: Type.String(), expiresAt: Type.String() });
const AccountParams = Exactly({ name: Key });

export const teamTableSchema = {
  summary: 'The teams that one runs, as a table',
  querystring: tableQuery(teamColumns, {}),
  response: answers(200, Type.Object({ teams: Type.Array(TeamRowBody), total: Type.Integer() })),
};

export const teamRowSchema = { summary: 'One row of that table', params: TeamParams, response: answers(200, TeamRowBody) };

export const memberTableSchema = {
  summary: 'The members of a team, as a table',
  params: TeamParams,
  querystring: tableQuery(memberColumns, {
    role: Type.Optional(Role),
    status: Type.Optional(Type.Enum(['enabled', 'disabled', 'online'])),
  }),
  response: answers(200, Type.Object({ members: Type.Array(MemberRowBody), total: Type.Integer() })),
};

export const memberSchema = {
  summary: 'All about a member: sessions, connections, channels',
  params: TeamMemberParams,
  response: answers(
    200,
    Type.Object({
      member: MemberRowBody,
      sessions: Type.Array(SessionBody),
      live: Type.Array(LiveBody),
      channels: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), private: Type.Boolean(), archived: Type.Boolean() })),
      apps: Type.Integer({ description: 'Connected to the account’s storage' }),
    }),
  ),
};

export const endMemberSessionsSchema = {
  summary: 'End all sessions of a member, on every server',
  params: TeamMemberParams,
  response: answersNothing,
};

export const endMemberSessionSchema = {
  summary: 'End one session of a member',
  params: Exactly({ team: Key, name: Key, id: Key }),
  response: answersNothing,
};

export const memberResetLinkSchema = {
  summary: 'Make a link by which a member chooses a new password; it is shown this once, and an earlier one ends',
  params: TeamMemberParams,
  body: Exactly({}),
  response: answers(201, LinkBody),
};

export const channelTableSchema = {
  summary: 'The channels of a team, as a table',
  params: TeamParams,
  querystring: tableQuery(channelColumns, { kind: Type.Optional(Type.Enum(['public', 'private', 'archived'])) }),
  response: answers(
    200,
    Type.Object({
      channels: Type.Array(Type.Interface([ChannelBody], { members: Type.Integer(), messages: Type.Integer(), lastMessageAt: Moment })),
      total: Type.Integer(),
    }),
  ),
};

export const inviteTableSchema = {
  summary: 'The invites of a team with what became of each, as a table',
  params: TeamParams,
  querystring: tableQuery(inviteColumns, { state: Type.Optional(Type.Enum([...inviteStates])) }),
  response: answers(
    200,
    Type.Object({
      invites: Type.Array(
        Type.Object({
          id: Type.String(),
          role: Role,
          state: Type.Enum([...inviteStates]),
          uses: Type.Integer(),
          usesLeft: Type.Integer(),
          createdAt: Type.String(),
          createdBy: Nullable(Type.String()),
          expiresAt: Type.String(),
          revokedAt: Moment,
          usedBy: Type.Array(Type.Object({ name: Type.String(), at: Type.String() })),
        }),
      ),
      total: Type.Integer(),
    }),
  ),
};

export const accountTableSchema = {
  summary: 'The accounts of the appliance, as a table',
  querystring: tableQuery(accountColumns, {
    status: Type.Optional(Type.Enum(['enabled', 'disabled', 'online', 'admin', 'bot'])),
  }),
  response: answers(200, Type.Object({ accounts: Type.Array(AccountRowBody), total: Type.Integer() })),
};

export const createAccountSchema = {
  summary: 'Create an account; without a password, with a link to choose one',
  body: Exactly({
    name: Name,
    password: Type.Optional(Password),
    displayName: Type.Optional(DisplayName),
    team: Type.Optional(Key),
    role: Type.Optional(Role),
  }),
  response: answers(201, Type.Object({ account: AccountRowBody, reset: Nullable(LinkBody) })),
};

export const changeAccountSchema = {
  summary: 'Disable, enable or rename an account, set its password, or make it admin of the appliance',
  params: AccountParams,
  body: Exactly({
    disabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
    isAdmin: Type.Optional(Type.Boolean()),
    displayName: Type.Optional(Nullable(DisplayName)),
  }),
  response: answers(200, AccountRowBody),
};

export const accountResetLinkSchema = {
  summary: 'Make a link by which somebody chooses a new password; it is shown this once, and an earlier one ends',
  params: AccountParams,
  body: Exactly({}),
  response: answers(201, LinkBody),
};

export const endAccountSessionsSchema = {
  summary: 'End all sessions of an account, on every server',
  params: AccountParams,
  response: answersNothing,
};

export const removeFactorsSchema = {
  summary: 'Take all second factors from an account whose owner lost them',
  params: AccountParams,
  response: answersNothing,
};
