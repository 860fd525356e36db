import { describe, expect, it } from 'vitest';
import type { Account } from '../identity/accounts.ts';
import { checkMay, may, type Action, type Actor } from './policies.ts';

const person = { id: '1', name: 'ada', displayName: null, email: null, isBot: false, createdAt: '', disabledAt: null };
const account: Account = { ...person, isAdmin: false };

/** Who asks, in the order of the columns below. `outsider` is in no team, `appliance` runs the appliance and is in this team no member. */
const people: Record<string, Actor> = {
  outsider: { account },
  guest: { account, role: 'guest' },
  member: { account, role: 'member' },
  admin: { account, role: 'admin' },
  owner: { account, role: 'owner' },
  appliance: { account: { ...account, isAdmin: true } },
};

interface Row {
  readonly action: Action;
  readonly when?: string;
  readonly given?: Partial<Actor>;
  /** `y` or `-` for each of `people`. */
  readonly allowed: string;
}

const inChannel = { inChannel: true };
const isSelf = { isSelf: true };
const other = (...otherRoles: NonNullable<Actor['otherRoles']>): Partial<Actor> => ({ otherRoles, isSelf: false });

/** What people would expect, written by hand: outsider, guest, member, admin, owner, appliance admin. */
const table: readonly Row[] = [
  { action: 'see this team', allowed: '-yyyyy' },
  { action: 'create teams', allowed: '-----y' },
  { action: 'change this team', allowed: '---yyy' },
  { action: 'see the members of this team', allowed: '-yyyyy' },

  { action: 'change the role of this member', when: 'from member to admin', given: other('member', 'admin'), allowed: '---yyy' },
  { action: 'change the role of this member', when: 'from admin to guest', given: other('admin', 'guest'), allowed: '---yyy' },
  { action: 'change the role of this member', when: 'from member to owner', given: other('member', 'owner'), allowed: '----yy' },
  { action: 'change the role of this member', when: 'from owner to member', given: other('owner', 'member'), allowed: '----yy' },
  {
    action: 'change the role of this member',
    when: 'their own',
    given: { isSelf: true, otherRoles: ['guest', 'admin'] },
    allowed: '---yyy',
  },

  { action: 'remove this member', when: 'a member', given: other('member'), allowed: '---yyy' },
  { action: 'remove this member', when: 'an admin', given: other('admin'), allowed: '---yyy' },
  { action: 'remove this member', when: 'an owner', given: other('owner'), allowed: '----yy' },
  { action: 'remove this member', when: 'themselves', given: isSelf, allowed: 'yyyyyy' },

  {
    action: 'reset the password of this member',
    when: 'of this team alone',
    given: { ...other('member'), isOfThisTeamAlone: true },
    allowed: '---yyy',
  },
  {
    action: 'reset the password of this member',
    when: 'an owner',
    given: { ...other('owner'), isOfThisTeamAlone: true },
    allowed: '-----y',
  },
  {
    action: 'reset the password of this member',
    when: 'of other teams too, or an appliance admin',
    given: other('member'),
    allowed: '-----y',
  },

  {
    action: 'reset the password of this member',
    when: 'their own, without the old one',
    given: { ...isSelf, isOfThisTeamAlone: true },
    allowed: '------',
  },

  { action: 'disable this account', when: 'somebody else’s', given: other('member'), allowed: '-----y' },
  { action: 'disable this account', when: 'their own', given: isSelf, allowed: '------' },

  { action: 'invite people to this team', when: 'as guest', given: other('guest'), allowed: '---yyy' },
  { action: 'invite people to this team', when: 'as admin', given: other('admin'), allowed: '---yyy' },
  {
    action: 'invite people to this team',
    when: 'as owner: one is made owner, not invited as one',
    given: other('owner'),
    allowed: '------',
  },

  { action: 'see the channels of this team', allowed: '-yyyyy' },
  { action: 'create channels in this team', allowed: '--yyyy' },
  { action: 'see this channel', when: 'not open to them', given: { inChannel: false }, allowed: '---yyy' },
  { action: 'see this channel', when: 'open to them', given: inChannel, allowed: 'yyyyyy' },
  { action: 'change this channel', when: 'not open to them', given: { inChannel: false }, allowed: '---yyy' },
  { action: 'change this channel', when: 'open to them', given: inChannel, allowed: '--yyyy' },
  { action: 'remove this channel', when: 'open to them', given: inChannel, allowed: '---yyy' },
  { action: 'read this channel', when: 'not open to them', given: { inChannel: false }, allowed: '------' },
  { action: 'read this channel', when: 'open to them', given: inChannel, allowed: 'yyyyyy' },
  { action: 'run the webhooks of this channel', when: 'not open to them', given: { inChannel: false }, allowed: '---yyy' },
  { action: 'let what is said in this channel out', when: 'not open to them', given: { inChannel: false }, allowed: '------' },
  { action: 'let what is said in this channel out', when: 'open to them', given: inChannel, allowed: '---yyy' },
  { action: 'import into this channel', when: 'not open to them', given: { inChannel: false }, allowed: '------' },
  { action: 'import into this channel', when: 'open to them', given: inChannel, allowed: '---yyy' },
  { action: 'export this team', allowed: '---yyy' },
  { action: 'change who is in this channel', when: 'not open to them', given: { inChannel: false }, allowed: '---yyy' },
  { action: 'change who is in this channel', when: 'open to them', given: inChannel, allowed: '--yyyy' },
  { action: 'leave this channel', when: 'themselves', given: isSelf, allowed: 'yyyyyy' },
  { action: 'leave this channel', when: 'for somebody else', given: { isSelf: false }, allowed: '------' },
  { action: 'run the components', allowed: '-----y' },

  { action: 'remove this team', allowed: '----yy' },
  { action: 'change how long this team keeps messages', allowed: '----yy' },
  { action: 'administer this team', allowed: '---yyy' },
  { action: 'see the audit log of this team', allowed: '---yyy' },
  { action: 'archive this channel', when: 'open to them', given: inChannel, allowed: '---yyy' },
  { action: 'administer the appliance', allowed: '-----y' },
  {
    action: 'see the sessions of this member',
    when: 'of this team alone',
    given: { ...other('member'), isOfThisTeamAlone: true },
    allowed: '---yyy',
  },
  { action: 'see the sessions of this member', when: 'of other teams too', given: other('member'), allowed: '-----y' },
];

describe.each(table)('$action ($when)', ({ action, given, allowed }) => {
  it.each(Object.keys(people).map((who, column) => [who, allowed[column] === 'y'] as const))('%s: %s', (who, answer) => {
    const actor = { ...people[who]!, ...given };
    expect(may(actor, action)).toBe(answer);
    if (answer) expect(() => checkMay(actor, action)).not.toThrow();
    else expect(() => checkMay(actor, action)).toThrow(expect.objectContaining({ code: 'KOSMOS_ERR_FORBIDDEN', details: { action } }));
  });
});

it('has a row for every action', () => {
  const actions = new Set(table.map(({ action }) => action));
  expect(actions.size).toBe(29);
});

it('says in a sentence what may not be done', () => {
  expect(() => checkMay(people.guest!, 'create channels in this team')).toThrow('You may not create channels in this team.');
});
