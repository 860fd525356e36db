import { createHash } from 'node:crypto';
import path from 'node:path';
import { encodeBase64, hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { loadKey, loadSecret } from '../../foundation/secrets.ts';
import type { LogLevel, Settings } from '../../foundation/settings.ts';
import { BOT_NAME } from '../../identity/names.ts';
import type { Appliance } from '../component.ts';
import { authScriptLaunch } from './auth-script.ts';

/** Control's own account and operator. Not the bot's: two sessions of one account are one client to Ergo, with one set of rights. */
export const OPERATOR = 'server';
/** The appliance's bot, as which the daemon is in every channel. */
export const BOT = BOT_NAME;
/** Bytes; the database's topics may be longer. */
export const TOPIC_LIMIT = 390;
/** Bytes: a team's slug, a dot and 40 characters of a name, four bytes each at most. */
const CHANNEL_LIMIT = 210;

/** The least that bcrypt takes. The password has 256 random bits, so the cost of guessing needs no raising. */
const BCRYPT_COST = 4;
/** Containers reach each other by addresses of these nets; the public port's clients do not come from there. */
const containerNets = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

export interface ErgoPaths {
  readonly folder: string;
  readonly config: string;
  readonly motd: string;
}

export function ergoPaths(settings: Pick<Settings, 'dataFolder'>): ErgoPaths {
  const folder = path.join(settings.dataFolder, 'ergo');
  return { folder, config: path.join(folder, 'ircd.yaml'), motd: path.join(folder, 'motd.txt') };
}

/** Ergo's configuration as YAML. Holds the key of tokens: write it with mode 0600. */
export function renderConfig(appliance: Appliance): string {
  const document = {
    network: { name: appliance.domain },
    server: serverSection(appliance),
    accounts: accountsSection(appliance),
    channels: channelsSection,
    ...operatorSections(appliance.settings),
    logging: [{ method: 'stderr', type: '* -userinput -useroutput', level: ergoLevels[appliance.settings.logLevel] }],
    ...storageSections(appliance.settings),
    ...limitSections,
    history: historySection,
    debug: { 'recover-from-errors': true },
    languages: { enabled: false },
    roleplay: { enabled: false },
    webpush: { enabled: false },
    'allow-environment-overrides': false,
  };
  return `# Written by the control plane: changes made here are lost.\n${stringify(document, { customTags: ['binary'], lineWidth: 0 })}`;
}

export function renderMotd(appliance: Appliance): string {
  return `Welcome to ${appliance.domain}.\nThis server is for the members of its teams; channels and people are managed in the web client.\n`;
}

const ergoLevels: Record<LogLevel, string> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  silent: 'error',
};

/** Ergo takes no server name without a dot. Nobody types it: clients connect to the domain. */
function serverNameOf(domain: string): string {
  return domain.includes('.') ? domain : `irc.${domain}`;
}

function serverSection(appliance: Appliance): object {
  const inContainer = appliance.settings.driver === 'docker';
  const trusted = inContainer ? ['localhost', ...containerNets] : ['localhost'];
  return {
    name: serverNameOf(appliance.domain),
    listeners: listeners(appliance),
    casemapping: 'precis',
    'enforce-utf8': true,
    'lookup-hostnames': false,
    'check-ident': false,
    'coerce-ident': '~u',
    motd: ergoPaths(appliance.settings).motd,
    'motd-formatting': false,
    relaymsg: { enabled: true, separators: '/', 'available-to-chanops': false },
    'proxy-allowed-from': [],
    'max-sendq': '1M',
    compatibility: { 'force-trailing': true, 'send-unprefixed-sasl': true, 'allow-truncation': false },
    'ip-limits': {
      ...{ count: true, 'max-concurrent-connections': 64, throttle: true, window: '10m', 'max-connections-per-window': 128 },
      ...{ 'cidr-len-ipv4': 32, 'cidr-len-ipv6': 64, exempted: trusted },
    },
    'ip-cloaking': {
      ...{ enabled: true, 'enabled-for-always-on': true, netname: 'member', 'cidr-len-ipv4': 32, 'cidr-len-ipv6': 64, 'num-bits': 64 },
    },
    'secure-nets': inContainer ? containerNets : [],
    'output-path': ergoPaths(appliance.settings).folder,
    'suppress-lusers': true,
  };
}

function listeners({ settings, topology, certificate }: Appliance): Record<string, object> {
  const { certificateFile, keyFile } = certificate;
  const plain = settings.driver === 'docker' ? `:${topology.ergo.port}` : `${topology.ergo.host}:${topology.ergo.port}`;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return {
    [plain]: {},
    [`${host}:${settings.ircsPort}`]: { tls: { cert: certificateFile, key: keyFile }, proxy: false, 'min-tls-version': 1.2 },
  };
}

function accountsSection(appliance: Appliance): object {
  const script = authScriptLaunch(appliance);
  return {
    'authentication-enabled': true,
    registration: { enabled: false, 'allow-before-connect': false, 'bcrypt-cost': BCRYPT_COST },
    'login-throttling': { enabled: true, duration: '1m', 'max-attempts': 5 },
    'login-via-pass-command': true,
    // Passwords are control's: Ergo has no keys by which it could do the exchange.
    'advertise-scram': false,
    'require-sasl': { enabled: true, exempted: [] },
    'nick-reservation': {
      ...{ enabled: true, 'additional-nick-limit': 0, method: 'strict', 'allow-custom-enforcement': false },
      ...{ 'guest-nickname-format': 'Guest-*', 'force-guest-format': false, 'force-nick-equals-account': true },
    },
    multiclient: { enabled: true, 'allowed-by-default': true, 'always-on': 'disabled', 'auto-away': 'disabled' },
    vhosts: { enabled: false },
    'default-user-modes': '+i',
    'auth-script': {
      ...{ enabled: true, command: script.command, args: script.args, autocreate: true },
      ...{ timeout: '9s', 'kill-timeout': '1s', 'max-concurrency': 8 },
    },
    'jwt-auth': {
      ...{ enabled: true, autocreate: true },
      tokens: [{ algorithm: 'hmac', key: loadKey(appliance.settings.dataFolder, 'jwt'), 'account-claims': ['account'] }],
    },
  };
}

const channelsSection = {
  'default-modes': '+nt',
  'max-channels-per-client': 10_000,
  'operator-only-creation': true,
  registration: { enabled: true, 'operator-only': true, 'max-channels-per-account': 100_000 },
  'list-delay': '0s',
  'invite-expiration': '24h',
};

function operatorSections(settings: Settings): object {
  const password = operatorHash(settings);
  const forBot = ['nofakelag', 'relaymsg', 'sajoin', 'history'];
  const forControl = [...forBot, 'kill', 'ban', 'samode', 'rehash', 'accreg', 'chanreg'];
  return {
    'oper-classes': {
      control: { title: 'Control plane', capabilities: forControl },
      bot: { title: 'Bot of the appliance', capabilities: forBot },
    },
    opers: {
      [OPERATOR]: { class: 'control', hidden: true, 'whois-line': 'runs this server', password },
      [BOT]: { class: 'bot', hidden: true, 'whois-line': 'is the bot of this server', password },
    },
  };
}

/** The salt comes from the password, so that the same password always gives the same file. */
function operatorHash(settings: Settings): string {
  const password = operatorPassword(settings);
  const salt = encodeBase64(createHash('sha256').update(`salt ${password}`).digest().subarray(0, 16), 16);
  return hashSync(password, `$2b$0${BCRYPT_COST}$${salt}`);
}

export function operatorPassword(settings: Pick<Settings, 'dataFolder'>): string {
  return loadSecret(settings.dataFolder, 'ergo-oper');
}

function storageSections(settings: Settings): object {
  const { folder } = ergoPaths(settings);
  return {
    'lock-file': path.join(folder, 'ircd.lock'),
    datastore: { path: path.join(folder, 'ircd.db'), autoupgrade: true, mysql: { enabled: false } },
  };
}

const limitSections = {
  limits: {
    ...{ nicklen: 32, identlen: 20, realnamelen: 150, channellen: CHANNEL_LIMIT, awaylen: 390, kicklen: 390, topiclen: TOPIC_LIMIT },
    ...{ 'monitor-entries': 1000, 'whowas-entries': 100, 'chan-list-modes': 100, 'registration-messages': 1024 },
    multiline: { 'max-bytes': 16_384, 'max-lines': 200 },
  },
  fakelag: {
    ...{ enabled: true, window: '1s', 'burst-limit': 60, 'messages-per-window': 20, cooldown: '2s' },
    'command-budgets': { CHATHISTORY: 200, MARKREAD: 200, MONITOR: 20, WHO: 200 },
  },
};

/** In memory: it bridges a client's absence. The archive is what lasts. */
/** Buffers begin small and grow with what was said in the window: a busy day of a channel, for the logger to fetch if it was away. */
const historySection = {
  ...{ enabled: true, 'channel-length': 20_000, 'client-length': 1024, 'autoresize-window': '3d' },
  ...{ 'autoreplay-on-join': 0, 'chathistory-maxmessages': 1000, 'znc-maxmessages': 1000 },
  restrictions: { 'expire-time': '28d', 'query-cutoff': 'none' },
  persistent: { enabled: false },
  retention: { 'allow-individual-delete': true, 'enable-account-indexing': false },
  'tagmsg-storage': { default: false, whitelist: ['+draft/react', '+draft/unreact', '+react', '+draft/reply'] },
};
