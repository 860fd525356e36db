-- Accounts live in control: nothing of a password is kept here. SCRAM keys are fetched for each log-in; a PLAIN secret (a password,
-- or a token of the gateway) is checked by control. Without an answer nobody is let in.

local async = require "util.async";
local base64 = require "util.encodings".base64;
local cache = require "util.cache";
local hmac_sha256 = require "util.hashes".hmac_sha256;
local http = require "net.http";
local json = require "util.json";
local new_sasl = require "util.sasl".new;
local throttle = require "util.throttle";
local timer = require "util.timer";
local urlencode = require "util.http".urlencode;

local kosmos = module:require "kosmos";

local control = assert(module:get_option_string("kosmos_control"), "kosmos_control is not set");
local secret = kosmos.read_secret("kosmos_control_secret_file");
local accounts = kosmos.accounts_of(module.host);

-- Control itself answers within milliseconds, a password check within a fifth of a second.
local longest_wait = 8;

--- Sends one request to control from inside a coroutine. Returns the status (0 without an answer) and the decoded body.
local function ask(method, path, body)
	local wait, done = async.waiter();
	local status, answer;
	local function settle(text, code)
		if status then return; end
		status, answer = code or 0, code and code > 0 and json.decode(text or "") or nil;
		done();
	end
	http.request(control .. path, {
		method = method;
		headers = { ["Authorization"] = "Bearer " .. secret; ["Content-Type"] = "application/json" };
		body = body and json.encode(body);
	}, settle);
	timer.add_task(longest_wait, function () settle(nil, 0); end);
	wait();
	return status, type(answer) == "table" and answer or {};
end

--- Tells control of a failed log-in and does not wait for it.
local function report_failure(name, address)
	http.request(control .. "/internal/credentials/failed", {
		method = "POST";
		headers = { ["Authorization"] = "Bearer " .. secret; ["Content-Type"] = "application/json" };
		body = json.encode({ name = name; address = address });
	}, function (_, code)
		if code ~= 204 then module:log("warn", "Control did not take the report of a failed log-in (%s)", code); end
	end);
end

-- Control counts failures per account; it learns of a client's address only with the failure, so the limit per address is kept here.
local failures_per_address, failure_window = 60, 15 * 60;
local failures = cache.new(10000);

local function is_limited(address)
	local allowance = address and failures:get(address);
	return allowance and not allowance:peek(1);
end

local function count_failure(address)
	if not address then return; end
	local allowance = failures:get(address) or throttle.create(failures_per_address, failure_window);
	allowance:poll(1);
	failures:set(address, allowance);
end

--- The client's address; nil for loopback, which is the gateway's or a proxy's that names no client.
local function address_of(session)
	local address = session.ip;
	if not address or address == "::1" or address:match("^127%.") or address:match("^::ffff:127%.") then return nil; end
	return address;
end

--- A reason that has nothing to do with the secret.
local function refuse(login, status, answer)
	if answer.code == "KOSMOS_ERR_LOGIN_LIMITED" then
		login.refusal = "Too many failed log-ins. Try again later.";
	else
		login.refusal = "The server cannot check this log-in at the moment. Try again later.";
		module:log("error", "Control cannot be asked about a log-in: status %s %s", status, answer.code or "");
	end
end

local iterations = 20000;

--- Keys that no password opens, the same for a name each time: a stranger cannot tell which names exist.
local function decoy_keys(name, hash)
	local function derive(purpose) return hmac_sha256(secret, ("%s %s %s"):format(purpose, hash, name)); end
	return derive("stored"), derive("server"), iterations, derive("salt"):sub(1, 16), true;
end

local function scram(login, hash)
	return function (_, name)
		login.epoch, login.fetched = accounts.epochs[name], true;
		local status, keys = ask("GET", ("/internal/accounts/%s/scram?hash=%s"):format(urlencode(name), hash));
		if status == 200 then
			iterations = keys.iterations;
			return base64.decode(keys.storedKey), base64.decode(keys.serverKey), keys.iterations, base64.decode(keys.salt), true;
		elseif status == 404 or status == 400 or keys.code == "KOSMOS_ERR_ACCOUNT_DISABLED" then
			return decoy_keys(name, hash);
		end
		refuse(login, status, keys);
	end
end

local function check_secret(login)
	return function (_, name, password)
		login.epoch = accounts.epochs[name];
		local status, answer = ask("POST", "/internal/credentials/check", { name = name; password = password; address = login.address });
		if status == 200 then
			login.by_token = password:match("^eyJ[%w_-]+%.[%w_-]+%.[%w_-]+$") ~= nil;
			return true, true;
		elseif status == 401 or status == 400 then
			count_failure(login.address);
			return false, true;
		elseif answer.code == "KOSMOS_ERR_ACCOUNT_DISABLED" then
			return false, false;
		end
		refuse(login, status, answer);
	end
end

--- mod_limits slows a person's client down; the gateway brings each member by a session of its own from here, at the team's pace.
local function lift_limits(session)
	if session.conn and session.conn.setlimit then session.conn:setlimit(0); end
	session.throttle = nil;
end

local provider = {};

function provider.get_sasl_handler(session)
	local login = { address = session and address_of(session) };
	local handler = new_sasl(module.host, {
		plain_test = check_secret(login);
		scram_sha_1 = scram(login, "SHA-1");
		scram_sha_256 = scram(login, "SHA-256");
	});
	-- COMPAT: Prosody 0.12 binds to the channel of TLS 1.2 only, clients of today use 1.3. May go when 13 is the oldest that we run.
	handler.add_cb_handler = false;

	local process = handler.process;
	function handler:process(message)
		if is_limited(login.address) then
			return "failure", "temporary-auth-failure", "Too many failed log-ins. Try again later.";
		end
		login.refusal = nil;
		local is_last_step = login.fetched;
		local status, condition, text = process(self, message);
		if status == "failure" and login.refusal then return status, "temporary-auth-failure", login.refusal; end
		if status == "failure" and is_last_step and condition == "not-authorized" then
			count_failure(login.address);
			report_failure(self.username, login.address);
		elseif status == "success" then
			if accounts.epochs[self.username] ~= login.epoch then
				return "failure", "not-authorized", "The account changed meanwhile. Log in again.";
			end
			accounts.known[self.username] = accounts.known[self.username] or {};
			if login.by_token and not login.address then lift_limits(session); end
		end
		return status, condition, text;
	end

	function handler:clean_clone()
		return provider.get_sasl_handler(session);
	end
	return handler;
end

--- Also for a disabled account: its roster, archive and affiliations stay.
function provider.user_exists(name)
	return accounts.known[name] ~= nil;
end

function provider.users()
	return next, accounts.known, nil;
end

local function elsewhere()
	return nil, "Accounts are kept by the appliance.";
end
provider.test_password, provider.set_password = elsewhere, elsewhere;
provider.create_user, provider.delete_user = elsewhere, elsewhere;

module:provides("auth", provider);
