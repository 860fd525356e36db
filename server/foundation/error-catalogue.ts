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
  KOSMOS_ERR_SETUP_HOP: { status: 502, message: 'Nothing was set up: {server} {reason}.' },
  // Administration
  KOSMOS_ERR_SETTING_INVALID: { status: 400, message: 'The setting {setting} cannot be stored: {reason}.' },
  KOSMOS_ERR_STREAM_LIMIT: {
    status: 429,
    message: 'This session follows {limit} streams of events already, the most it may. Close one first.',
  },
  KOSMOS_ERR_EXTERNAL_REFUSED: { status: 502, message: 'The server cannot take the place of {component} ({hop}): {reason}.' },
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
  KOSMOS_ERR_LAST_ADMIN: { status: 409, message: 'The appliance needs an admin. Make somebody else admin first.' },
  KOSMOS_ERR_RESET_NOT_FOUND: { status: 404, message: 'This link does not exist or has been used. Ask for a new one.' },
  KOSMOS_ERR_RESET_EXPIRED: { status: 410, message: 'This link expired on {expiredAt}. Ask for a new one.' },
  KOSMOS_ERR_SECOND_FACTOR_WRONG: { status: 401, message: 'The second factor is not right. Try again, with a fresh code.' },
  KOSMOS_ERR_SECOND_FACTOR_TICKET: { status: 401, message: 'The log-in took too long. Begin again with name and password.' },
  KOSMOS_ERR_SECOND_FACTOR_REQUIRED: { status: 403, message: 'Admins need a second factor here. Add one in your account first.' },
  KOSMOS_ERR_SECOND_FACTOR_LAST: { status: 409, message: 'Admins need a second factor here. Add another one before you remove this one.' },
  KOSMOS_ERR_SECOND_FACTOR_NONE: { status: 409, message: 'This needs a second factor. Add one in your account first.' },
  KOSMOS_ERR_SECOND_FACTOR_LIMIT: { status: 409, message: 'An account has {limit} second factors at most. Remove one first.' },
  KOSMOS_ERR_PASSKEY_INVALID: { status: 400, message: 'The passkey cannot be used: {reason}.' },
  KOSMOS_ERR_REGISTRATION_CLOSED: { status: 403, message: 'One joins here by invite only. Ask somebody who is here for one.' },
  KOSMOS_ERR_REGISTRATION_EXPIRED: { status: 410, message: 'This link does not exist, has been used or has expired. Register again.' },
  KOSMOS_ERR_EMAIL_INVALID: { status: 400, message: '“{email}” is not a mail address.' },
  KOSMOS_ERR_EMAIL_DOMAIN: { status: 403, message: 'One registers here with a mail address of {domains}.' },
  KOSMOS_ERR_MAIL: { status: 502, message: 'The mail could not be sent ({hop}): {reason}.' },
  KOSMOS_ERR_BOT_NOT_FOUND: { status: 404, message: 'This team has no bot “{name}”.' },
  KOSMOS_ERR_BOT_LIMIT: { status: 409, message: 'This team has {limit} bots, the most it may have. Remove some first.' },
  KOSMOS_ERR_BOT_ACCOUNT: {
    status: 409,
    message: '“{name}” is a bot: it is member or guest of its team, never an admin, and gets its password under “Webhooks and bots”.',
  },
  KOSMOS_ERR_BOT_BROWSER: { status: 403, message: '“{name}” is a bot: it logs in as a program, not in a browser.' },
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
  KOSMOS_ERR_CHANNEL_ARCHIVED: { status: 409, message: 'The channel “{channel}” is archived. Take it out of the archive first.' },
  KOSMOS_ERR_TEAM_CONFIRM: { status: 400, message: 'To remove the team, confirm with its short name, “{team}”.' },
  KOSMOS_ERR_LOGO_INVALID: { status: 400, message: 'This picture cannot be the logo: {reason}.' },
  // Archive
  KOSMOS_ERR_MESSAGE_NOT_FOUND: { status: 404, message: 'This channel has no such message.' },
  KOSMOS_ERR_DOCUMENT_INVALID: { status: 400, message: 'This is no chat-messages document: {reason}.' },
  // Daemon
  KOSMOS_ERR_WEBHOOK_NOT_FOUND: { status: 404, message: 'There is no webhook at this address. Copy it again from the channel’s settings.' },
  KOSMOS_ERR_WEBHOOK_NAME_INVALID: { status: 400, message: 'A webhook needs a name of at most {limit} characters.' },
  KOSMOS_ERR_WEBHOOK_LIMIT: { status: 409, message: 'This channel has {limit} webhooks, the most it may have. Remove some first.' },
  KOSMOS_ERR_WEBHOOK_URL: { status: 400, message: '“{url}” cannot be called. Give an address that begins with https:// or http://.' },
  KOSMOS_ERR_WEBHOOK_WORD: { status: 400, message: 'Say for which word the address is to be called.' },
  KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND: { status: 404, message: 'This call is not in the history any more.' },
  KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND: { status: 404, message: 'This channel has no such outgoing webhook.' },
  KOSMOS_ERR_WEBHOOK_SIGNATURE: {
    status: 401,
    message: 'The signature ({header}) does not fit. Use the last part of the webhook’s address as the secret, or none.',
  },
  KOSMOS_ERR_WEBHOOK_CONTENT: { status: 400, message: 'Nothing was posted: {reason}.' },
  KOSMOS_ERR_WEBHOOK_ROOM: { status: 400, message: 'This webhook posts to “{channel}” only, and “room” says “{room}”. Leave “room” out.' },
  KOSMOS_ERR_CHANNEL_UNREACHABLE: { status: 503, message: 'The channel “{channel}” cannot be reached right now: {reason}. Try again.' },
  // Feeds
  KOSMOS_ERR_FEED_ADDRESS: { status: 400, message: '“{feed}” is not the address of a feed. It begins with http:// or https://.' },
  KOSMOS_ERR_FEED_UNREACHABLE: { status: 502, message: 'The feed {feed} cannot be fetched: {reason}.' },
  KOSMOS_ERR_FEED_UNREADABLE: { status: 422, message: 'What stands at {feed} is no RSS, Atom or JSON feed.' },
  KOSMOS_ERR_PUSH_ENDPOINT: { status: 400, message: 'This is no address of a push service. Let the browser make a new subscription.' },
  // Components
  KOSMOS_ERR_COMPONENT_NOT_FOUND: { status: 404, message: 'There is no component “{component}”.' },
  KOSMOS_ERR_COMPONENT_ACTION: { status: 409, message: 'The component {component} cannot {action}: {reason}.' },
  KOSMOS_ERR_CONTAINERS_OFF: {
    status: 409,
    message:
      'Containers cannot be seen or restarted from here, for the service docker-proxy does not answer ({reason}). On the machine: docker compose restart {component}.',
  },
  KOSMOS_ERR_COMPONENT_UNREACHABLE: { status: 502, message: 'The component {component} does not answer: {reason}.' },
  KOSMOS_ERR_COMPONENT_REFUSED: { status: 502, message: 'The component {component} refused what it was asked for: {reason}.' },
  KOSMOS_ERR_TOKEN_INVALID: { status: 401, message: 'The token is not valid or has expired.' },
  // Domain and certificate
  KOSMOS_ERR_DOMAIN_FIXED: {
    status: 409,
    message: 'The domain {domain} is set by KOSMOS_DOMAIN in the environment. Change it there (.env with containers), then start again.',
  },
  KOSMOS_ERR_DOMAIN_NO_EDGE: {
    status: 409,
    message: 'This appliance has no edge, so it gets no certificate by itself. Start it with KOSMOS_HTTPS_PORT=443, or with containers.',
  },
  KOSMOS_ERR_DOMAIN_PRIVATE: {
    status: 409,
    message: '“{domain}” is no name of the public internet: its certificate is signed by the appliance itself.',
  },
  KOSMOS_ERR_DNS_NO_SERVERS: {
    status: 409,
    message: 'No name server is responsible for {domain}. Register the domain, or correct its spelling.',
  },
  KOSMOS_ERR_DNS_NO_ANSWER: {
    status: 409,
    message: 'The name servers of {domain} ({servers}) gave no answer: {reason}. Ask whoever runs them, or try again later.',
  },
  KOSMOS_ERR_DNS_NO_ADDRESS: {
    status: 409,
    message:
      '{domain} has no address yet. Make an A record (or AAAA) with the public address of this machine where the domain’s DNS is kept.',
  },
  KOSMOS_ERR_DNS_ADDRESS: { status: 409, message: 'The address of {domain} is wrong: {reason}. Enter the public address of this machine.' },
  KOSMOS_ERR_DNS_CAA: {
    status: 409,
    message: 'The CAA record of {name} is in the way: {reason}. Add a record 0 issue "letsencrypt.org" beside it.',
  },
  KOSMOS_ERR_REACH_ELSEWHERE: {
    status: 409,
    message:
      'DNS is there, but at {address} port {port} something other than this appliance answers. Correct the address, or free the port.',
  },
  KOSMOS_ERR_REACH_CLOSED: {
    status: 409,
    message:
      'DNS is right, but port {port} at {address} is closed. Start the edge, and have the port published or passed on to this machine.',
  },
  KOSMOS_ERR_REACH_SILENT: {
    status: 409,
    message: 'DNS is right, but port {port} at {address} does not answer. A firewall is in the way, most likely: open the port.',
  },
  KOSMOS_ERR_REACH_NONE: { status: 409, message: 'DNS is there, but {address} port {port} cannot be reached: {reason}.' },
  KOSMOS_ERR_ACME_DNS: { status: 409, message: 'The certificate authority found no usable DNS record of {domain}: {reason}' },
  KOSMOS_ERR_ACME_CAA: { status: 409, message: 'A CAA record forbids the authority to issue a certificate for {domain}: {reason}' },
  KOSMOS_ERR_ACME_CONNECTION: {
    status: 409,
    message: 'The certificate authority could not reach {domain} on ports 80 and 443 from outside: {reason}',
  },
  KOSMOS_ERR_ACME_ELSEWHERE: {
    status: 409,
    message: 'The certificate authority reached another server at {domain}; its address leads elsewhere: {reason}',
  },
  KOSMOS_ERR_ACME_RATE_LIMITED: {
    status: 409,
    message: 'The certificate authority has issued too much for {domain} lately and tells to wait: {reason}',
  },
  KOSMOS_ERR_ACME_UNREACHABLE: { status: 409, message: 'The certificate authority cannot be reached from here: {reason}' },
  KOSMOS_ERR_ACME_REFUSED: { status: 409, message: 'The certificate authority refuses {domain}, in its own words: {reason}' },
  KOSMOS_ERR_CERTIFICATE_EXPIRES: {
    status: 409,
    message: 'The certificate of {domain} ends on {validTo} and was not renewed. Look at the points before this one.',
  },
  // Backups
  KOSMOS_ERR_BACKUP_RUNS: { status: 409, message: 'A backup is being made. Wait until it is done.' },
  KOSMOS_ERR_BACKUP_NONE: { status: 404, message: 'There is no backup at this place. Check the address of the repository.' },
  KOSMOS_ERR_BACKUP_KEY: {
    status: 403,
    message: 'The key does not open this backup. Give the copy of data/secrets/backup of the appliance that made it.',
  },
  KOSMOS_ERR_BACKUP_DAMAGED: { status: 500, message: 'The backup is damaged and was not used: {reason}. Take an older one.' },
  KOSMOS_ERR_BACKUP_FAILED: { status: 500, message: 'The backup could not be made or read: {reason}' },
  KOSMOS_ERR_RESTORE_NOT_EMPTY: {
    status: 409,
    message: 'The data folder {folder} is not empty. Stop the appliance and move it away first: a restore overwrites nothing.',
  },
  KOSMOS_ERR_RESTORE_DATABASE: {
    status: 409,
    message: 'The backup is of an appliance on {dialect}. Set DATABASE_URL for PostgreSQL, or leave it empty for SQLite, as it was there.',
  },
  // Gateway
  KOSMOS_ERR_PLATFORM_UNKNOWN: { status: 400, message: 'There is no platform “{platform}” here.' },
  KOSMOS_ERR_VERB_UNKNOWN: { status: 400, message: 'The platform {platform} does not know “{verb}”.' },
  KOSMOS_ERR_NO_CREDENTIALS: { status: 401, message: 'There is no session of {actor}. Send its credentials first, then connect.' },
  KOSMOS_ERR_HOST_REFUSED: { status: 403, message: 'The gateway does not connect to {host}: {reason}.' },
  KOSMOS_ERR_SERVER_UNREACHABLE: { status: 502, message: 'The server {server} cannot be reached: {reason}.' },
  KOSMOS_ERR_SERVER_CERTIFICATE: {
    status: 502,
    message: 'The certificate of {server} cannot be trusted: {reason}. Nothing was told to it; ask whoever runs it.',
  },
  KOSMOS_ERR_SERVER_LOGIN: { status: 401, message: 'The server {server} refused the log-in: {reason}.' },
  KOSMOS_ERR_SERVER_REFUSED: { status: 422, message: 'The server refused this: {reason}' },
  KOSMOS_ERR_SERVER_TIMEOUT: { status: 504, message: 'The server {server} did not answer in time. It may have done what was asked.' },
  KOSMOS_ERR_NOT_CONNECTED: {
    status: 503,
    message: 'Not connected to {server} at the moment. Nothing was sent; try again once it is connected.',
  },
  KOSMOS_ERR_CONNECTION_LOST: {
    status: 502,
    message: 'The connection to {server} broke before it answered. Look whether it was done before you try again.',
  },
  KOSMOS_ERR_NOT_IN_ROOM: { status: 409, message: 'You are not in {room}. Join it first.' },
  KOSMOS_ERR_NOT_SUPPORTED: { status: 501, message: '{server} does not know {feature}.' },
  KOSMOS_ERR_SOCKET_LIMIT: {
    status: 429,
    message: 'This account has {limit} open connections to the gateway, the most it may have. Close one first.',
  },
  KOSMOS_ERR_SESSION_LIMIT: {
    status: 429,
    message: 'This account has {limit} sessions on other servers, the most it may have. Disconnect one first.',
  },
  KOSMOS_ERR_GATEWAY_BUSY: { status: 429, message: '{limit} requests are waiting already. Send more once they are answered.' },
  // Storage
  KOSMOS_ERR_STORAGE_TOKEN: { status: 401, message: 'This needs an access token of the account. Connect the app to the storage again.' },
  KOSMOS_ERR_STORAGE_PATH: { status: 400, message: 'The path cannot be used: {reason}.' },
  KOSMOS_ERR_STORAGE_PATH_LONG: { status: 414, message: 'The path is longer than {limit} bytes or deeper than {depth} folders.' },
  KOSMOS_ERR_STORAGE_METHOD: { status: 405, message: 'Storage knows GET, HEAD, PUT, DELETE and OPTIONS only.' },
  KOSMOS_ERR_STORAGE_QUOTA: {
    status: 507,
    message: 'The storage of this account is full ({quota} bytes). Remove documents, or ask an admin for more.',
  },
  KOSMOS_ERR_STORAGE_CONDITION: { status: 412, message: 'The document was changed by somebody else. Fetch it again first.' },
  KOSMOS_ERR_STORAGE_CLASH: { status: 409, message: 'A folder and a document cannot have the same name.' },
  KOSMOS_ERR_STORAGE_RANGE: { status: 416, message: 'The document has {length} bytes: the range asks for others.' },
  KOSMOS_ERR_STORAGE_EMBEDDED: { status: 403, message: 'Stored documents cannot be run as part of a page of this site.' },
  KOSMOS_ERR_STORAGE_GRANT_NOT_FOUND: { status: 404, message: 'No such app is connected to your storage.' },
  KOSMOS_ERR_STORAGE_ADDRESS: { status: 400, message: 'The storage address “{address}” cannot be used: {reason}.' },
  KOSMOS_ERR_STORAGE_ELSEWHERE: { status: 409, message: 'This account keeps its documents at {address}. Connect there.' },
  KOSMOS_ERR_STORAGE_SCOPE: { status: 400, message: '“{scope}” is not a storage scope. One looks like notes:rw, contacts:r or *:rw.' },
  KOSMOS_ERR_STORAGE_AWAY: { status: 503, message: 'The contents of documents cannot be reached at the moment. Try again in a while.' },
  KOSMOS_ERR_S3_KEYS: {
    status: 500,
    message: 'The keys of the bucket cannot be read: {reason}. Write the key’s id and its secret, a line each, into data/secrets/s3.',
  },
  KOSMOS_ERR_S3_UNREACHABLE: { status: 502, message: 'The bucket {bucket} (KOSMOS_S3) cannot be reached: {reason}.' },
  KOSMOS_ERR_S3_REFUSED: {
    status: 502,
    message: 'The bucket {bucket} refuses what is asked with the keys in data/secrets/s3: {reason}.',
  },
  KOSMOS_ERR_S3_NO_BUCKET: { status: 502, message: 'There is no bucket {bucket}: {reason}. Make it, or correct KOSMOS_S3.' },
  KOSMOS_ERR_STORAGE_APP: { status: 400, message: 'The app cannot be connected: {reason}.' },
} as const satisfies Record<`KOSMOS_ERR_${string}`, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
