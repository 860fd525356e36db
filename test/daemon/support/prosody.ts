import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadKey } from '../../../server/foundation/secrets.ts';
import { untilListening } from '../../support/ports.ts';

/** Takes tokens as the appliance's own module does, but looks at them itself. */
const authModule = (key: string): string => `
local jwt = require "util.jwt";
local base64 = require "util.encodings".base64;
local key = base64.decode("${key}");
local provider = {};
function provider.user_exists() return true; end
function provider.get_sasl_handler()
  return require "util.sasl".new(module.host, {
    plain_test = function (_, username, password)
      local ok, claims = jwt.verify(key, password);
      return ok and claims.account == username and claims.aud == "prosody", true;
    end;
  });
end
module:provides("auth", provider);
`;

const configuration = (folder: string, port: number, domain: string): string => `
plugin_paths = { "${folder}" }
data_path = "${folder}/data"
pidfile = "${folder}/prosody.pid"
modules_enabled = { "roster", "saslauth", "disco", "ping", "websocket", "posix" }
modules_disabled = { "s2s", "tls" }
c2s_ports = {}
c2s_direct_tls_ports = {}
run_as_root = true
log = { { levels = { min = "info" }, to = "file", filename = "${folder}/prosody.log" } }
certificates = "${folder}/data"
http_ports = { ${port} }
http_interfaces = { "127.0.0.1" }
https_ports = {}
http_default_host = "${domain}"
consider_websocket_secure = true
cross_domain_websocket = true
VirtualHost "${domain}"
  authentication = "token_test"
Component "rooms.${domain}" "muc"
  modules_enabled = { "muc_mam" }
  admins = { "kosmos@${domain}" }
  muc_log_by_default = true
  muc_log_expires_after = "never"
  storage_archive_item_limit = 100000
  max_archive_query_results = 100
  muc_room_default_public_jids = true
  muc_room_default_persistent = true
  muc_room_locking = false
`;

/** Prosody as the appliance runs it, as far as the logger meets it. */
export async function startProsody(dataFolder: string, port: number, domain: string): Promise<{ stop(): Promise<void> }> {
  const folder = path.join(dataFolder, 'prosody');
  mkdirSync(path.join(folder, 'data'), { recursive: true });
  writeFileSync(path.join(folder, 'mod_auth_token_test.lua'), authModule(loadKey(dataFolder, 'jwt').toString('base64')));
  const file = path.join(folder, 'prosody.cfg.lua');
  writeFileSync(file, configuration(folder, port, domain));
  const child = spawn('prosody', ['-F', '--config', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await untilListening(port).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
