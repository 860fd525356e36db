/** What is asked of the API, made of a command's words and options. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

export interface Command {
  /** `team rename <team> <name>`: the words, then what has to be given. */
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly string[];
  ask(given: readonly string[], options: Readonly<Record<string, string>>): Question;
  /** The list in the answer, and what of each of its rows is shown. */
  readonly list?: { readonly of: string; readonly columns: readonly string[] };
  /** What of a single answer is shown. */
  readonly shows?: readonly string[];
  /** Said where there is no answer to show. */
  readonly done?: string;
}

const p = (strings: TemplateStringsArray, ...parts: readonly (string | undefined)[]): string =>
  String.raw({ raw: strings }, ...parts.map((part) => encodeURIComponent(part ?? '')));
const query = (options: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams({ limit: '200', ...options }).toString();
  return `?${text}`;
};
const get = (path: string): Question => ({ method: 'GET', path });
const LINK = ['url', 'expiresAt'];
const table = ['search', 'sort', 'order', 'limit', 'offset'];

const teams: readonly Command[] = [
  {
    ...{ usage: 'team list', about: 'All teams', options: table, ask: (_, options) => get(`/api/admin/teams${query(options)}`) },
    list: { of: 'teams', columns: ['slug', 'name', 'home', 'members', 'channels', 'messages'] },
  },
  {
    ...{ usage: 'team create <name>', about: 'Make a team (--home irc|xmpp)', options: ['home'], shows: ['slug', 'name', 'home'] },
    ask: ([name], { home }) => ({ method: 'POST', path: '/api/teams', body: { name, home } }),
  },
  {
    ...{ usage: 'team rename <team> <name>', about: 'Rename a team; its address stays', shows: ['slug', 'name'] },
    ask: ([team, name]) => ({ method: 'PATCH', path: p`/api/teams/${team}`, body: { name } }),
  },
  {
    ...{ usage: 'team retention <team> <days|forever>', about: 'How long the team keeps messages', shows: ['slug', 'name'] },
    ask: ([team, days]) => ({
      method: 'PATCH',
      path: p`/api/teams/${team}`,
      body: { retentionDays: days === 'forever' ? null : Number(days) },
    }),
  },
  {
    ...{ usage: 'team remove <team>', about: 'Remove a team with all of its history (needs --yes)', options: ['yes'], done: 'Removed.' },
    ask: ([team]) => ({ method: 'DELETE', path: `${p`/api/teams/${team}`}?confirm=${encodeURIComponent(team ?? '')}` }),
  },
];

const memberPath = (team?: string, name?: string): string => p`/api/teams/${team}/members/${name}`;
const members: readonly Command[] = [
  {
    ...{ usage: 'member list <team>', about: 'Who is in a team (--role, --status)', options: [...table, 'role', 'status'] },
    ask: ([team], options) => get(`${p`/api/admin/teams/${team}/members`}${query(options)}`),
    list: { of: 'members', columns: ['name', 'displayName', 'role', 'disabled', 'secondFactor', 'online', 'seenAt'] },
  },
  {
    ...{ usage: 'member role <team> <name> <role>', about: 'owner, admin, member or guest', shows: ['name', 'role'] },
    ask: ([team, name, role]) => ({ method: 'PATCH', path: memberPath(team, name), body: { role } }),
  },
  {
    ...{ usage: 'member remove <team> <name>', about: 'Out of the team; the account stays', done: 'Removed.' },
    ask: ([team, name]) => ({ method: 'DELETE', path: memberPath(team, name) }),
  },
  {
    ...{ usage: 'member end-sessions <team> <name>', about: 'End all sessions of a member, on every server', done: 'Ended.' },
    ask: ([team, name]) => ({ method: 'DELETE', path: p`/api/admin/teams/${team}/members/${name}/sessions` }),
  },
];

const account = (name?: string): string => p`/api/admin/accounts/${name}`;
const changed = ['name', 'isAdmin', 'disabled'];
const change = (usage: string, about: string, body: object): Command => ({
  ...{ usage: `account ${usage} <name>`, about, shows: changed },
  ask: ([name]) => ({ method: 'PATCH', path: account(name), body }),
});
const accounts: readonly Command[] = [
  {
    ...{ usage: 'account list', about: 'All accounts (--status)', options: [...table, 'status'] },
    ask: (_, options) => get(`/api/admin/accounts${query(options)}`),
    list: { of: 'accounts', columns: ['name', 'displayName', 'isAdmin', 'disabled', 'secondFactor', 'online', 'seenAt'] },
  },
  {
    ...{
      usage: 'account create <name>',
      about: 'With a link to choose a password (--team, --role)',
      options: ['team', 'role'],
      shows: ['reset'],
    },
    ask: ([name], { team, role }) => ({ method: 'POST', path: '/api/admin/accounts', body: { name, team, role } }),
  },
  change('disable', 'Shut out, on every server', { disabled: true }),
  change('enable', 'Let in again', { disabled: false }),
  change('grant-admin', 'Make admin of the appliance', { isAdmin: true }),
  change('withdraw-admin', 'Admin no more', { isAdmin: false }),
  {
    ...{ usage: 'account reset-link <name>', about: 'A link to choose a new password: once, for a day', shows: LINK },
    ask: ([name]) => ({ method: 'POST', path: `${account(name)}/reset-link`, body: {} }),
  },
  {
    ...{ usage: 'account remove-factors <name>', about: 'For who lost the second factor', done: 'Removed.' },
    ask: ([name]) => ({ method: 'DELETE', path: `${account(name)}/second-factors` }),
  },
];

const invites: readonly Command[] = [
  {
    ...{ usage: 'invite list <team>', about: 'Invites of a team (--state)', options: [...table, 'state'] },
    ask: ([team], options) => get(`${p`/api/admin/teams/${team}/invites`}${query(options)}`),
    list: { of: 'invites', columns: ['id', 'role', 'state', 'usesLeft', 'expiresAt', 'createdBy'] },
  },
  {
    ...{ usage: 'invite create <team>', about: 'Make one (--role, --uses, --hours)', options: ['role', 'uses', 'hours'], shows: LINK },
    ask: ([team], { role, uses, hours }) => ({
      ...{ method: 'POST', path: p`/api/teams/${team}/invites` },
      body: { role, uses: uses === undefined ? undefined : Number(uses), expiresInHours: hours === undefined ? undefined : Number(hours) },
    }),
  },
  {
    ...{ usage: 'invite revoke <team> <id>', about: 'Withdraw one', done: 'Withdrawn.' },
    ask: ([team, id]) => ({ method: 'DELETE', path: p`/api/teams/${team}/invites/${id}` }),
  },
];

const channelPath = (team?: string, channel?: string): string => p`/api/teams/${team}/channels/${channel}`;
const channelShows = ['name', 'topic', 'private', 'archived'];
const changeChannel = (usage: string, about: string, body: (value?: string) => object): Command => ({
  ...{ usage: `channel ${usage}`, about, shows: channelShows },
  ask: ([team, channel, value]) => ({ method: 'PATCH', path: channelPath(team, channel), body: body(value) }),
});
const channels: readonly Command[] = [
  {
    ...{ usage: 'channel list <team>', about: 'Channels of a team (--kind)', options: [...table, 'kind'] },
    ask: ([team], options) => get(`${p`/api/admin/teams/${team}/channels`}${query(options)}`),
    list: { of: 'channels', columns: ['name', 'topic', 'private', 'archived', 'members', 'messages', 'lastMessageAt'] },
  },
  {
    ...{
      usage: 'channel create <team> <name>',
      about: 'Make one (--topic, --private)',
      options: ['topic', 'private'],
      shows: channelShows,
    },
    ask: ([team, name], { topic, private: isPrivate }) => ({
      ...{
        method: 'POST',
        path: p`/api/teams/${team}/channels`,
        body: { name, topic, private: isPrivate === undefined ? undefined : true },
      },
    }),
  },
  changeChannel('rename <team> <channel> <name>', 'Its address on the server stays', (name) => ({ name })),
  changeChannel('topic <team> <channel> <topic>', 'Set the topic', (topic) => ({ topic })),
  changeChannel('archive <team> <channel>', 'Nobody can write; all stays readable', () => ({ archived: true })),
  changeChannel('unarchive <team> <channel>', 'Open again', () => ({ archived: false })),
  {
    ...{ usage: 'channel remove <team> <channel>', about: 'With its history (needs --yes)', options: ['yes'], done: 'Removed.' },
    ask: ([team, channel]) => ({ method: 'DELETE', path: channelPath(team, channel) }),
  },
];

const act = (action: string): Command => ({
  ...{
    usage: `component ${action} <component>`,
    about: `${action[0]?.toUpperCase()}${action.slice(1)} one`,
    shows: ['name', 'state', 'reason'],
  },
  ask: ([name]) => ({ method: 'POST', path: p`/api/admin/components/${name}/${action}` }),
});
const components: readonly Command[] = [
  {
    ...{ usage: 'component list', about: 'How each is', ask: () => get('/api/admin/components') },
    list: { of: 'components', columns: ['name', 'state', 'version', 'since', 'restarts', 'memory'] },
  },
  ...['restart', 'stop', 'start'].map(act),
  {
    ...{ usage: 'component log <component>', about: 'Its last lines (--lines, --contains)', options: ['lines', 'contains'] },
    ask: ([name], options) => get(`${p`/api/admin/components/${name}/logs`}?${new URLSearchParams(options).toString()}`),
    list: { of: 'lines', columns: ['at', 'text'] },
  },
];

const others: readonly Command[] = [
  { usage: 'health', about: 'How the appliance is', ask: () => get('/api/health'), shows: ['status', 'version'] },
  {
    ...{ usage: 'audit', about: 'Who did what (--actor, --action, --target, --team, --from, --to)' },
    options: ['actor', 'action', 'target', 'team', 'from', 'to', 'search', 'limit', 'offset', 'order'],
    ask: (_, options) => get(`/api/admin/audit${query(options)}`),
    list: { of: 'acts', columns: ['at', 'actor', 'via', 'address', 'action', 'team', 'target', 'details'] },
  },
];

export const commands: readonly Command[] = [...others, ...teams, ...members, ...accounts, ...invites, ...channels, ...components];
