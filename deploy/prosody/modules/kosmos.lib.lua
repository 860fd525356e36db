-- What our modules share: secrets from files, and the accounts as control told them.

local lib = {};

--- The secret in the file that the option names. Secrets stand in files, never in the configuration.
function lib.read_secret(option)
	local file = assert(module:get_option_string(option), option .. " is not set");
	local handle = assert(io.open(file, "r"));
	local secret = handle:read("*a"):match("^%s*(%S+)%s*$");
	handle:close();
	return assert(secret, file .. " holds no secret");
end

--- What is known of the accounts of a host, one copy for all modules:
-- `known[name] = { version = … }`, where the version changes with the password, and `epochs[name]`, which rises whenever the sessions
-- of an account are ended, so that a log-in that began before is refused.
function lib.accounts_of(host)
	local accounts = module:shared(("/%s/kosmos/accounts"):format(host));
	accounts.known = accounts.known or {};
	accounts.epochs = accounts.epochs or {};
	return accounts;
end

return lib;
