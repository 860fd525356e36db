import { Type } from '@fastify/type-provider-typebox';
import { MemberBody, Role } from '../../presenters.ts';
import { answers, answersNothing, Exactly, Password, TeamMemberParams, TeamParams } from '../shared.ts';

export const membersSchema = {
  summary: 'The members of a team, by name',
  params: TeamParams,
  response: answers(200, Type.Object({ members: Type.Array(MemberBody) })),
};

export const changeMemberSchema = {
  summary: 'Give a member another role or a new password, or disable or enable the account',
  params: TeamMemberParams,
  body: Exactly({ role: Type.Optional(Role), disabled: Type.Optional(Type.Boolean()), password: Type.Optional(Password) }),
  response: answers(200, MemberBody),
};

export const removeMemberSchema = {
  summary: 'Take a member out of the team and all its channels; the account stays',
  params: TeamMemberParams,
  response: answersNothing,
};
