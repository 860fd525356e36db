-- Control's way in: rooms, affiliations, accounts and sessions as JSON over HTTP, on loopback, guarded by a secret.
-- docs/develop/prosody.md has the table of requests.

local array = require "util.array";
local destroy_session = require "core.sessionmanager".destroy_session;
local hashes = require "util.hashes";
local json = require "util.json";

local kosmos = module:require "kosmos";

module:depends "http";

local secret = kosmos.read_secret("kosmos_provision_secret_file");
local expected = hashes.sha256("Bearer " .. secret);
local rooms_host = assert(module:get_option_string("kosmos_rooms_host"), "kosmos_rooms_host is not set");
local accounts = kosmos.accounts_of(module.host);
local client_sessions = module:shared("/*/c2s/sessions");

-- COMPAT: 0.12 knows no `sqlite_tune`. As in control's own database: a crash of Prosody loses nothing, one of the machine at most the
-- last moment, and a message costs no wait for the disk. May go when 13 is the oldest that we run.
for _, engine in pairs(module:shared("/*/sql/connections")) do
	if engine.params and engine.params.driver == "SQLite3" then engine:execute("PRAGMA synchronous=NORMAL;"); end
end

--- mod_kosmos_rooms of the MUC component.
local function rooms()
	local host = prosody.hosts[rooms_host];
	return assert(host and host.modules and host.modules.kosmos_rooms, "the rooms are not there yet");
end

--- Sessions of one account: bound ones, those asleep between two connections (XEP-0198), and those that are only logged in.
local function sessions_of(name)
	local found = {};
	local user = prosody.hosts[module.host].sessions[name];
	for _, session in pairs(user and user.sessions or {}) do found[session] = true; end
	for _, session in pairs(client_sessions) do
		if session.username == name and session.host == module.host then found[session] = true; end
	end
	return found;
end

local function end_sessions(name, text)
	accounts.epochs[name] = (accounts.epochs[name] or 0) + 1;
	for session in pairs(sessions_of(name)) do
		session:close({ condition = "policy-violation"; text = text });
		-- COMPAT: the websocket of 0.12 forgets a session that is asleep. May go when 13 is the oldest that we run.
		if not session.conn then destroy_session(session, text); end
	end
end

local function put_account(name, wanted)
	local known = accounts.known[name] or {};
	local is_changed = known.version ~= nil and known.version ~= wanted.version;
	accounts.known[name] = { version = wanted.version };
	if not wanted.enabled then
		end_sessions(name, "This account is disabled");
	elseif is_changed or wanted.renewed then
		end_sessions(name, "The password was changed: log in again");
	end
end

local handlers = {};

handlers["GET /health"] = function ()
	rooms();
	return 200, { status = "ok"; version = prosody.version };
end

handlers["GET /rooms"] = function ()
	return 200, { rooms = rooms().list_rooms() };
end

handlers["POST /rooms/describe"] = function (body)
	local room = rooms().describe_room(body.address);
	if not room then return 404, { error = "no such room" }; end
	return 200, room;
end

handlers["POST /rooms"] = function (body)
	local put_room, failed = rooms().put_room, {};
	for _, room in ipairs(body.rooms) do
		local ok, problem = xpcall(put_room, debug.traceback, room);
		if not ok then
			module:log("error", "Room %s cannot be made so: %s", room.address, problem);
			failed[room.address] = tostring(problem):match("^[^\n]*");
		end
	end
	return 200, { failed = failed };
end

handlers["POST /rooms/remove"] = function (body)
	for _, address in ipairs(body.addresses) do rooms().remove_room(address, body.reason); end
	return 200, {};
end

handlers["POST /affiliations"] = function (body)
	for address, affiliation in pairs(body.affiliations) do rooms().set_affiliation(address, body.name, affiliation); end
	return 200, {};
end

handlers["POST /accounts"] = function (body)
	for name, account in pairs(body.accounts) do put_account(name, account); end
	if body.complete then
		for name in pairs(accounts.known) do
			if not body.accounts[name] then
				end_sessions(name, "This account is gone");
				accounts.known[name] = nil;
			end
		end
	end
	return 200, {};
end

handlers["POST /sessions/end"] = function (body)
	for _, name in ipairs(body.names) do end_sessions(name, body.reason); end
	return 200, {};
end

handlers["GET /sessions"] = function ()
	local list = array();
	for name, user in pairs(prosody.hosts[module.host].sessions) do
		for resource, session in pairs(user.sessions) do
			list:push({
				name = name; resource = resource; address = session.ip; asleep = session.hibernating ~= nil;
				websocket = session.websocket_request ~= nil; since = session.conntime;
			});
		end
	end
	return 200, { sessions = list };
end

local function answer_request(event, handler)
	local request, response = event.request, event.response;
	if not hashes.equals(hashes.sha256(request.headers.authorization or ""), expected) then
		return 401, { error = "not authorised" };
	end
	local body = {};
	if request.method == "POST" then
		body = json.decode(request.body or "");
		if type(body) ~= "table" then return 400, { error = "not a JSON object" }; end
	end
	local ok, status, answer = xpcall(handler, debug.traceback, body);
	if ok then return status, answer; end
	module:log("error", "%s %s failed: %s", request.method, request.path, status);
	response.headers.connection = "close";
	return 500, { error = tostring(status):match("^[^\n]*") };
end

local route = {};
for key, handler in pairs(handlers) do
	route[key] = function (event)
		local status, answer = answer_request(event, handler);
		event.response.status_code = status;
		event.response.headers.content_type = "application/json";
		return json.encode(answer);
	end
end

module:provides("http", { name = "kosmos_provision"; default_path = "/kosmos"; cors = { enabled = false }; route = route });
