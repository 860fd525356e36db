import { existsSync } from 'node:fs';
import path from 'node:path';
import type { LogLevel, Settings } from '../../foundation/settings.ts';
import type { Appliance } from '../component.ts';
import { luaAssignments, LuaExpression, luaLiteral, type LuaValue } from './lua.ts';

/** A relay for calls (TURN, RFC 8656) that shares a secret with Prosody. */
export interface TurnServer {
  readonly host: string;
  readonly port: number;
  /** The file that holds the shared secret. */
  readonly secretFile: string;
}

export interface ProsodyOptions {
  /** Talks to other servers on this port; `false`: with none. By default on 5269 for a domain of at least two labels. */
  readonly federationPort?: number | false;
  readonly turn?: TurnServer;
  readonly uploads?: Partial<Uploads>;
}

export interface Uploads {
  readonly largestFile: number;
  /** Bytes that one account may upload in 24 hours. */
  readonly perDay: number;
  /** Bytes of all files. */
  readonly total: number;
  readonly expireAfterDays: number;
}

const MIB = 1024 * 1024;
const defaultUploads: Uploads = { largestFile: 50 * MIB, perDay: 1024 * MIB, total: 50 * 1024 * MIB, expireAfterDays: 365 };
const FEDERATION_PORT = 5269;
const DIRECT_TLS_PORT = 5223;
const SECONDS_A_DAY = 86_400;
const levels: Readonly<Record<LogLevel, string>> = {
  ...{ trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error', silent: 'error' },
};

/** Everything of a client's account; Prosody loads its basics (presence, message, iq, offline, c2s) by itself. */
const accountModules = [
  ...['roster', 'saslauth', 'tls', 'disco', 'carbons', 'pep', 'private', 'blocklist', 'vcard4', 'vcard_legacy', 'bookmarks'],
  ...['mam', 'smacks', 'csi_simple', 'ping', 'time', 'limits', 'websocket', 'kosmos_provision'],
];
/** Shown in the browser; everything else is offered as a download, for a page of a stranger must not run on the home domain. */
const shownTypes = [
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'video/mp4', 'video/webm', 'video/ogg'],
  ...['audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/webm', 'audio/wav', 'audio/flac', 'text/plain'],
];

export function prosodyPaths(settings: Settings) {
  const folder = path.join(settings.dataFolder, 'prosody');
  // Prosody's container has none of the secrets but copies of these two.
  const isInContainer = settings.driver === 'docker';
  const secret = (name: string, copy: string): string =>
    isInContainer ? path.join(folder, copy) : path.join(settings.dataFolder, 'secrets', name);
  return {
    folder,
    config: path.join(folder, 'prosody.cfg.lua'),
    /** All that Prosody keeps, where it can use SQLite. */
    database: path.join(folder, 'prosody.sqlite'),
    pidFile: path.join(folder, 'prosody.pid'),
    modules: modulesFolder(),
    /** Empty: Prosody looks here for certificates of hosts that name none. */
    certificates: path.join(folder, 'certificates'),
    controlSecret: secret('internal', 'control-secret'),
    provisionSecret: secret('prosody-api', 'provision-secret'),
  };
}

export function roomsDomainOf(domain: string): string {
  return `rooms.${domain}`;
}

export function uploadDomainOf(domain: string): string {
  return `upload.${domain}`;
}

/** For Prosody 0.12 and 13. No secret stands in it: our modules read theirs from files. */
export function renderConfig(appliance: Appliance, options: ProsodyOptions = {}): string {
  const { domain } = appliance;
  return [
    '-- Written by the appliance at every start: changes made here are lost.\n',
    lookAround,
    luaAssignments({ ...processOptions(appliance), ...networkOptions(appliance, options) }),
    `VirtualHost ${luaLiteral(domain)}`,
    luaAssignments(accountOptions(appliance, options), '  '),
    `Component ${luaLiteral(roomsDomainOf(domain))} "muc"`,
    luaAssignments(roomOptions(appliance), '  '),
    `Component ${luaLiteral(uploadDomainOf(domain))} "http_file_share"`,
    luaAssignments(uploadOptions(appliance, options.uploads), '  '),
  ].join('\n');
}

/**
 * Asked on the machine that Prosody runs on, which may be another container than control's.
 * COMPAT: Prosody 13 gives Lua's globals as `Lua`, 0.12 gives them directly. mod_cloud_notify is Prosody's own from 13 on, before
 * it comes with the package prosody-modules.
 */
const lookAround = `local lua = Lua or _G
lua.require("util.pposix").umask("077")
local function is_there(name)
  for folder in (lua.CFG_PLUGINDIR or ""):gmatch("[^;]+") do
    for _, file in lua.ipairs({ name .. ".lua", name .. "/" .. name .. ".lua" }) do
      local handle = lua.io.open(folder .. "/" .. file)
      if handle then handle:close() return true end
    end
  end
end
local function with(modules, optional)
  for _, name in lua.ipairs(optional) do
    if is_there("mod_" .. name) then lua.table.insert(modules, name) end
  end
  return modules
end
local function first_line(file)
  local handle = lua.assert(lua.io.open(file))
  local line = handle:read("*l")
  handle:close()
  return line
end
local has_sqlite = lua.pcall(lua.require, "lsqlite3") or (function ()
  local found, dbi = lua.pcall(lua.require, "DBI")
  if not found then return false end
  for _, driver in lua.ipairs(dbi.Drivers()) do
    if driver == "SQLite3" then return true end
  end
  return false
end)()
`;

function processOptions({ settings }: Appliance): Record<string, LuaValue | undefined> {
  const { folder, database, pidFile, modules, certificates } = prosodyPaths(settings);
  const sqlite = { driver: 'SQLite3', database };
  return {
    run_as_root: process.getuid?.() === 0,
    data_path: folder,
    pidfile: pidFile,
    // 0.12 sets it from here; 13 does not in the foreground, so the first lines of the file do.
    umask: '077',
    plugin_paths: [modules],
    installer_plugin_path: path.join(folder, 'modules'),
    certificates,
    log: [{ levels: { min: levels[settings.logLevel] }, to: 'stdout', timestamps: '%Y-%m-%dT%H:%M:%S' }],
    admins: [],
    storage: new LuaExpression('has_sqlite and "sql" or "internal"'),
    // A table has no limit. A list is read whole for every question, so it has one: a busy day of one room, for the logger to fetch.
    storage_archive_item_limit: new LuaExpression('not has_sqlite and 20000 or nil'),
    sql: sqlite,
    sqlite_tune: 'normal',
  };
}

function networkOptions(appliance: Appliance, options: ProsodyOptions): Record<string, LuaValue | undefined> {
  const { settings, topology, certificate } = appliance;
  const interfaces = interfacesOf(settings.host);
  const federationPort = federationPortOf(appliance, options);
  const isInContainer = settings.driver === 'docker';
  return {
    c2s_interfaces: interfaces,
    c2s_ports: [settings.xmppPort],
    c2s_direct_tls_ports: isInContainer ? [DIRECT_TLS_PORT] : [],
    // A port of TLS alone looks for its certificate here and not at the host's.
    c2s_direct_tls_ssl: isInContainer ? { certificate: certificate.certificateFile, key: certificate.keyFile } : undefined,
    c2s_require_encryption: true,
    c2s_timeout: 60,
    s2s_interfaces: interfaces,
    s2s_ports: federationPort === false ? [] : [federationPort],
    s2s_direct_tls_ports: [],
    s2s_require_encryption: true,
    s2s_secure_auth: true,
    modules_disabled: federationPort === false ? ['s2s', 's2s_auth_certs'] : [],
    limits: { c2s: { rate: '30kb/s', burst: '10s' }, s2sin: { rate: '60kb/s', burst: '5s' } },
    http_ports: [topology.prosodyHttp.port],
    http_interfaces: isInContainer ? ['*'] : [topology.prosodyHttp.host],
    https_ports: [],
    http_default_host: appliance.domain,
    http_external_url: homeUrl(appliance),
    // Between containers the proxy in front of Prosody has an address of the private network.
    trusted_proxies: ['127.0.0.1', '::1', ...(isInContainer ? ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] : [])],
    consider_websocket_secure: true,
  };
}

function accountOptions(appliance: Appliance, { turn }: ProsodyOptions): Record<string, LuaValue | undefined> {
  const { settings, topology, domain, certificate } = appliance;
  const { controlSecret, provisionSecret } = prosodyPaths(settings);
  const modules = luaLiteral([...accountModules, ...(turn ? ['turn_external'] : [])]);
  return {
    modules_enabled: new LuaExpression(`with(${modules}, { "cloud_notify" })`),
    authentication: 'kosmos',
    kosmos_control: `http://${topology.controlForProsody.host}:${topology.controlForProsody.port}`,
    kosmos_control_secret_file: controlSecret,
    kosmos_provision_secret_file: provisionSecret,
    kosmos_rooms_host: roomsDomainOf(domain),
    ssl: { certificate: certificate.certificateFile, key: certificate.keyFile },
    allow_registration: false,
    archive_expires_after: 'never',
    default_archive_policy: true,
    max_archive_query_results: 250,
    smacks_hibernation_time: 600,
    turn_external_host: turn?.host,
    turn_external_port: turn?.port,
    turn_external_secret: turn && new LuaExpression(`first_line(${luaLiteral(turn.secretFile)})`),
  };
}

function roomOptions({ domain, certificate }: Appliance): Record<string, LuaValue> {
  return {
    name: 'Channels',
    // From the package prosody-modules: who moderates a channel may delete what others wrote there.
    modules_enabled: new LuaExpression('with({ "muc_mam", "kosmos_rooms" }, { "muc_moderation" })'),
    kosmos_accounts_host: domain,
    ssl: { certificate: certificate.certificateFile, key: certificate.keyFile },
    restrict_room_creation: true,
    component_admins_as_room_owners: false,
    muc_room_locking: false,
    // A channel may be made again under the address of one that was removed.
    muc_tombstones: false,
    // Rooms beyond this number are written to storage and read back when they are entered, and their occupants are lost with that.
    muc_room_cache_size: 10_000,
    muc_room_default_history_length: 20,
    muc_log_all_rooms: true,
    muc_log_expires_after: 'never',
    max_archive_query_results: 250,
  };
}

function uploadOptions(appliance: Appliance, wanted: Partial<Uploads> = {}): Record<string, LuaValue> {
  const { largestFile, perDay, total, expireAfterDays } = { ...defaultUploads, ...wanted };
  return {
    name: 'Files',
    http_host: appliance.domain,
    http_paths: { file_share: '/upload' },
    http_file_share_access: [appliance.domain],
    http_file_share_size_limit: largestFile,
    http_file_share_daily_quota: perDay,
    http_file_share_global_quota: total,
    http_file_share_expires_after: expireAfterDays * SECONDS_A_DAY,
    http_file_share_safe_file_types: shownTypes,
  };
}

function federationPortOf({ domain }: Appliance, { federationPort }: ProsodyOptions): number | false {
  return federationPort ?? (domain.includes('.') ? FEDERATION_PORT : false);
}

/** Where browsers and apps reach control, or the edge in front of it. */
function homeUrl({ domain, settings }: Appliance): string {
  return domain.includes('.') ? `https://${domain}/` : `http://${domain}:${settings.port}/`;
}

/** Prosody takes addresses, and a star for all of IPv4. */
function interfacesOf(host: string): string[] {
  if (host === 'localhost') return ['127.0.0.1'];
  if (host === '0.0.0.0') return ['*'];
  return host === '::' ? ['*', '::'] : [host];
}

/** Beside server/, whether this runs from the sources or from server/dist. */
function modulesFolder(): string {
  const folders = ['../../..', '../../../..'].map((root) => path.resolve(import.meta.dirname, root, 'deploy/prosody/modules'));
  return folders.find((folder) => existsSync(folder)) ?? path.resolve('deploy/prosody/modules');
}
