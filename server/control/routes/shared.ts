import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { PASSWORD_MAX } from '../../identity/scram.ts';
import { AccountBody, ErrorBody, SessionBody, TeamBody } from '../presenters.ts';

/** Bounds only: what a name or password must be is said by identity, with a code of its own. */
export const Name = Type.String({ minLength: 1, maxLength: 100 });
/** A character of a password may take two of JavaScript's. */
export const Password = Type.String({ minLength: 1, maxLength: PASSWORD_MAX * 2 });
export const DisplayName = Type.String({ minLength: 1, maxLength: 60 });
export const Key = Type.String({ minLength: 1, maxLength: 100 });

/** An object with these fields and no others. */
export function Exactly<T extends Record<string, TSchema>>(fields: T) {
  return Type.Object(fields, { additionalProperties: false });
}

/** The answer of a route by its success status; every failure has the same form. */
export function answers<Status extends 200 | 201, T extends TSchema>(status: Status, body: T) {
  return { [status]: body, '4xx': ErrorBody, '5xx': ErrorBody } as Record<Status, T> & Record<'4xx' | '5xx', typeof ErrorBody>;
}

export const answersNothing = { 204: Type.Null(), '4xx': ErrorBody, '5xx': ErrorBody } as const;

/** What every table of the panel takes; `columns` are those it can be sorted by, the first one by default. */
export function tableQuery<const Columns extends readonly string[], T extends Record<string, TSchema>>(columns: Columns, filters: T) {
  return Exactly({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0 })),
    sort: Type.Optional(Type.Enum([...columns] as Columns[number][])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    search: Type.Optional(Type.String({ maxLength: 100 })),
    ...filters,
  });
}

export const TeamParams = Exactly({ team: Key });
export const TeamMemberParams = Exactly({ team: Key, name: Key });
export const ChannelParams = Exactly({ team: Key, channel: Key });
export const ChannelMemberParams = Exactly({ team: Key, channel: Key, name: Key });

/** Who is logged in, and where they are at home. */
export const LoggedInBody = Type.Object({
  account: AccountBody,
  session: SessionBody,
  teams: Type.Array(TeamBody),
  mustEnrol: Type.Boolean({ description: 'A second factor is required and missing: until then only its enrolment answers' }),
  token: Type.Optional(Type.String({ description: 'For programs only: send it as Authorization: Bearer' })),
});
