/** One coded error: its HTTP status and a sentence that tells the reader what to do. `{name}` is filled from the error's details. */
interface CatalogueEntry {
  readonly status: number;
  readonly message: string;
}

/** Every error that a person or client can meet. `docs/develop/errors.md` is made from this list by `npm run docs:errors`. */
export const catalogue = {
  // Settings and start-up
  KOSMOS_ERR_SETTING: { status: 500, message: 'The environment variable {variable} cannot be used: {reason}.' },
  KOSMOS_ERR_PORT_TAKEN: {
    status: 500,
    message: 'Port {port} ({variable}) is taken by another program. Stop that program or set {variable} to a free port.',
  },
  KOSMOS_ERR_ALREADY_RUNNING: {
    status: 500,
    message: 'An appliance already runs on the data folder {folder} (process {pid}). Stop it with scripts/down first.',
  },
  KOSMOS_ERR_DATABASE_NEWER: {
    status: 500,
    message:
      'The database was written by a newer version (migration {migration}). Start that version, or step the schema down with scripts/step-down.',
  },
  KOSMOS_ERR_DATABASE_UNREACHABLE: { status: 500, message: 'The database cannot be opened: {reason}.' },
  KOSMOS_ERR_PROGRAM_MISSING: {
    status: 500,
    message: 'The program {program} is not installed. Install it with: apt-get install {package}.',
  },
  KOSMOS_ERR_SECRET_UNREADABLE: {
    status: 500,
    message: 'The secret {secret} is damaged or unreadable: {reason}. Restore data/secrets from a backup.',
  },
  // Requests
  KOSMOS_ERR_BAD_REQUEST: { status: 400, message: 'The request cannot be read: {reason}.' },
  KOSMOS_ERR_VALIDATION: { status: 400, message: 'The request is not valid: {reason}.' },
  KOSMOS_ERR_TOO_LARGE: { status: 413, message: 'The request is larger than the {limit} bytes that are allowed here.' },
  KOSMOS_ERR_MEDIA_TYPE: { status: 415, message: 'Send the body as application/json.' },
  KOSMOS_ERR_NOT_FOUND: { status: 404, message: 'There is nothing at this address.' },
  KOSMOS_ERR_RATE_LIMITED: { status: 429, message: 'Too many requests. Try again in {seconds} seconds.' },
  KOSMOS_ERR_CROSS_ORIGIN: { status: 403, message: 'This request came from another site ({origin}) and was refused.' },
  KOSMOS_ERR_INTERNAL: { status: 500, message: 'Something went wrong inside. The log has the details under {requestId}.' },
  KOSMOS_ERR_INTERNAL_ONLY: { status: 403, message: 'This address is for the appliance’s own components.' },
  KOSMOS_ERR_PROXY_TIMEOUT: { status: 504, message: 'The {component} did not answer in time. Try again.' },
  // Set-up
  KOSMOS_ERR_SETUP_NEEDED: { status: 409, message: 'The appliance is not set up yet. Open the set-up link that scripts/up printed.' },
  KOSMOS_ERR_SETUP_TOKEN: { status: 403, message: 'The set-up token is not right. Use the link that scripts/up printed.' },
  KOSMOS_ERR_SETUP_DONE: { status: 409, message: 'The appliance is already set up. Log in instead.' },
  KOSMOS_ERR_DOMAIN_INVALID: { status: 400, message: '“{domain}” is not a domain name. Enter one such as chat.example.org.' },
  // Accounts
  KOSMOS_ERR_NAME_INVALID: {
    status: 400,
    message: 'A name has 2 to 30 characters: a letter first, then letters, digits, “-” or “_”. “{name}” does not fit.',
  },
  KOSMOS_ERR_NAME_RESERVED: { status: 400, message: 'The name “{name}” is reserved. Choose another.' },
  KOSMOS_ERR_NAME_TAKEN: { status: 409, message: 'The name “{name}” is taken. Choose another.' },
  KOSMOS_ERR_PASSWORD_WEAK: { status: 400, message: 'The password must have {min} to {max} characters and must not be the name.' },
  KOSMOS_ERR_PASSWORD_CHARACTERS: {
    status: 400,
    message: 'The password has characters that not every client can send (control characters or unassigned ones). Leave them out.',
  },
  KOSMOS_ERR_CREDENTIALS: { status: 401, message: 'The name or the password is not right.' },
  KOSMOS_ERR_ACCOUNT_DISABLED: { status: 403, message: 'This account is disabled. Ask an admin of your team.' },
  KOSMOS_ERR_ACCOUNT_NOT_FOUND: { status: 404, message: 'There is no account “{name}”.' },
  KOSMOS_ERR_LOGIN_LIMITED: { status: 429, message: 'Too many failed log-ins. Try again in {seconds} seconds.' },
  KOSMOS_ERR_UNAUTHENTICATED: { status: 401, message: 'Log in first.' },
  KOSMOS_ERR_FORBIDDEN: { status: 403, message: 'You may not {action}.' },
  // Invites
  KOSMOS_ERR_INVITE_NOT_FOUND: { status: 404, message: 'This invite does not exist. Ask for a new one.' },
  KOSMOS_ERR_INVITE_EXPIRED: { status: 410, message: 'This invite expired on {expiredAt}. Ask for a new one.' },
  KOSMOS_ERR_INVITE_USED: { status: 410, message: 'This invite has been used as often as it may. Ask for a new one.' },
  KOSMOS_ERR_INVITE_REVOKED: { status: 410, message: 'This invite was withdrawn. Ask for a new one.' },
  // Teams and channels
  KOSMOS_ERR_TEAM_NOT_FOUND: { status: 404, message: 'There is no team “{team}”.' },
  KOSMOS_ERR_TEAM_NAME_TAKEN: { status: 409, message: 'There is already a team “{name}”.' },
  KOSMOS_ERR_TEAM_NAME_INVALID: { status: 400, message: 'The team name “{name}” has no letter or digit to make an address of.' },
  KOSMOS_ERR_MEMBER_NOT_FOUND: { status: 404, message: '“{name}” is not a member of this team.' },
  KOSMOS_ERR_MEMBER_EXISTS: { status: 409, message: '“{name}” is already a member of this team.' },
  KOSMOS_ERR_LAST_OWNER: { status: 409, message: 'A team needs an owner. Make somebody else owner first.' },
  KOSMOS_ERR_CHANNEL_NOT_FOUND: { status: 404, message: 'There is no channel “{channel}” in this team.' },
  KOSMOS_ERR_CHANNEL_EXISTS: { status: 409, message: 'There is already a channel “{channel}” in this team.' },
  KOSMOS_ERR_CHANNEL_NAME_INVALID: {
    status: 400,
    message: 'A channel name has 1 to 40 letters, digits, “-” or “_”. “{channel}” does not fit.',
  },
  KOSMOS_ERR_CHANNEL_LIMIT: { status: 409, message: 'This team has {limit} channels, the most it may have. Archive some first.' },
  // Archive
  KOSMOS_ERR_MESSAGE_NOT_FOUND: { status: 404, message: 'This channel has no such message.' },
  KOSMOS_ERR_DOCUMENT_INVALID: { status: 400, message: 'This is no chat-messages document: {reason}.' },
  // Daemon
  KOSMOS_ERR_WEBHOOK_NOT_FOUND: { status: 404, message: 'There is no webhook at this address. Copy it again from the channel’s settings.' },
  KOSMOS_ERR_WEBHOOK_NAME_INVALID: { status: 400, message: 'A webhook needs a name of at most {limit} characters.' },
  KOSMOS_ERR_WEBHOOK_LIMIT: { status: 409, message: 'This channel has {limit} webhooks, the most it may have. Remove some first.' },
  KOSMOS_ERR_WEBHOOK_URL: { status: 400, message: '“{url}” cannot be called. Give an address that begins with https:// or http://.' },
  KOSMOS_ERR_WEBHOOK_SIGNATURE: {
    status: 401,
    message: 'The signature ({header}) does not fit. Use the last part of the webhook’s address as the secret, or none.',
  },
  KOSMOS_ERR_WEBHOOK_CONTENT: { status: 400, message: 'Nothing was posted: {reason}.' },
  KOSMOS_ERR_WEBHOOK_ROOM: { status: 400, message: 'This webhook posts to “{channel}” only, and “room” says “{room}”. Leave “room” out.' },
  KOSMOS_ERR_CHANNEL_UNREACHABLE: { status: 503, message: 'The channel “{channel}” cannot be reached right now: {reason}. Try again.' },
  KOSMOS_ERR_PUSH_ENDPOINT: { status: 400, message: 'This is no address of a push service. Let the browser make a new subscription.' },
  // Components
  KOSMOS_ERR_COMPONENT_NOT_FOUND: { status: 404, message: 'There is no component “{component}”.' },
  KOSMOS_ERR_COMPONENT_ACTION: { status: 409, message: 'The component {component} cannot {action}: {reason}.' },
  KOSMOS_ERR_COMPONENT_UNREACHABLE: { status: 502, message: 'The component {component} does not answer: {reason}.' },
  KOSMOS_ERR_TOKEN_INVALID: { status: 401, message: 'The token is not valid or has expired.' },
} as const satisfies Record<`KOSMOS_ERR_${string}`, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
