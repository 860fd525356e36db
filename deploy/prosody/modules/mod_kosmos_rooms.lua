-- Rooms are control's: it alone makes, configures and removes them and says who belongs there. Loaded on the MUC component;
-- mod_kosmos_provision calls what is not local here.

local hashes = require "util.hashes";
local jid = require "util.jid";
local nodeprep = require "util.encodings".stringprep.nodeprep;
local st = require "util.stanza";

local kosmos = module:require "kosmos";
local muc = module:depends "muc";

local accounts_host = assert(module:get_option_string("kosmos_accounts_host"), "kosmos_accounts_host is not set");
local accounts = kosmos.accounts_of(accounts_host);

local xmlns_muc_user = "http://jabber.org/protocol/muc#user";

local function refuse(event, kind, condition, text)
	event.origin.send(st.error_reply(event.stanza, kind, condition, text, module.host));
	return true;
end

module:hook("muc-room-pre-create", function (event)
	return refuse(event, "cancel", "not-allowed", "Channels are made in the appliance");
end, 1000);

-- True while a change of control's is carried out.
local is_controls = false;

-- Admins of a team are admins in the room: they may silence and kick, but who belongs there is told by the appliance alone.
module:hook("muc-pre-set-affiliation", function (event)
	if is_controls or event.affiliation == event.previous_affiliation then return; end
	event.allowed = false;
	event.error = { type = "cancel"; condition = "not-allowed" };
end, 1000);

-- An invitation brings somebody who may enter; it opens no door.
module:hook("muc-pre-invite", function (event)
	local invitation = event.stanza:get_child("x", xmlns_muc_user):get_child("invite");
	local invited = jid.prep(invitation.attr.to);
	if not invited or not event.room:get_affiliation(invited) then
		return refuse(event, "auth", "forbidden", "This channel is not open to them");
	end
end, 1000);

-- Nobody takes the name of another account as nick.
local function check_nick(event)
	local name = nodeprep(jid.resource(event.stanza.attr.to) or "");
	local own_name, own_host = jid.split(event.stanza.attr.from);
	if name and accounts.known[name] and not (own_name == name and own_host == accounts_host) then
		return refuse(event, "cancel", "conflict", "This is the name of another account");
	end
end
module:hook("muc-occupant-pre-join", check_nick, 100);
module:hook("muc-occupant-pre-change", check_nick, 100);

local function has_access(room, from)
	local affiliation = room:get_affiliation(from);
	return affiliation ~= nil and affiliation ~= "outcast";
end

-- Everybody is shown what they may enter: an appliance holds many teams, which need not know each other's channels.
module:hook("host-disco-items", function (event)
	for room in muc.all_rooms() do
		if room:get_public() and has_access(room, event.stanza.attr.from) then
			event.reply:tag("item", { jid = room.jid; name = room:get_name() }):up();
		end
	end
	event.origin.send(event.reply);
	return true;
end, 1000);

for _, query in ipairs({ "info"; "items" }) do
	module:hook(("iq-get/bare/http://jabber.org/protocol/disco#%s:query"):format(query), function (event)
		local room = muc.get_room_from_jid(jid.bare(event.stanza.attr.to));
		if room and not has_access(room, event.stanza.attr.from) then
			return refuse(event, "cancel", "item-not-found");
		end
	end);
end

--- Runs `work` as control, with one write of the room at its end in place of one per change.
local function change_room(room, work)
	local save, was_controls = room.save, is_controls;
	room.save = function () return true; end
	is_controls = true;
	local ok, result = xpcall(work, debug.traceback, room);
	room.save, is_controls = save, was_controls;
	if not ok then error(result, 0); end
	assert(room:save(true), "the room could not be written");
	return result;
end

local function address_to_jid(address)
	local node = type(address) == "string" and nodeprep(address);
	local room_jid = node and jid.prep(jid.join(node, module.host));
	return assert(room_jid, "not the address of a room");
end

local function get_room(address)
	local room = muc.get_room_from_jid(address_to_jid(address));
	return room or nil;
end

local function set_affiliations(room, wanted)
	local by_jid = {};
	for name, affiliation in pairs(wanted) do by_jid[jid.join(name, accounts_host)] = affiliation; end
	local outdated = {};
	for member, affiliation in pairs(room._affiliations) do
		if by_jid[member] ~= affiliation then outdated[member] = by_jid[member] or "none"; end
	end
	for member, affiliation in pairs(by_jid) do
		if room._affiliations[member] ~= affiliation then outdated[member] = affiliation; end
	end
	for member, affiliation in pairs(outdated) do
		assert(room:set_affiliation(true, member, affiliation), "an affiliation was refused");
	end
end

--- Members only and with real addresses, for members of a team know one another; true if something changed that clients show.
local function set_configuration(room, wanted)
	room:set_persistent(true);
	room:set_members_only(true);
	room:set_whois("anyone");
	room:set_changesubject(true);
	room:set_moderated(false);
	room:set_allow_member_invites(true);
	local is_renamed = room:get_name() ~= wanted.name;
	room:set_name(wanted.name);
	return room:set_hidden(wanted.private) or is_renamed;
end

--- The topic of the appliance is set when it changed there: what members set in between stays.
local function set_topic(room, topic)
	if room._data.kosmos_topic == topic then return; end
	room._data.kosmos_topic = topic;
	room:set_subject(room.jid, topic);
end

--- Makes a room and everything of it as wanted: `{ address, name, topic, private, affiliations = { name = affiliation } }`.
function put_room(wanted)
	local room_jid = address_to_jid(wanted.address);
	local room = muc.get_room_from_jid(room_jid);
	local is_new = not room;
	-- Not muc.create_room: it refuses letters that Unicode got after its version 3.2.
	room = room or assert(muc.track_room(muc.new_room(room_jid)), "there are too many rooms");
	change_room(room, function ()
		local is_changed = set_configuration(room, wanted);
		set_affiliations(room, wanted.affiliations);
		set_topic(room, wanted.topic);
		if is_changed and not is_new then
			room:broadcast_message(st.message({ type = "groupchat"; from = room.jid })
				:tag("x", { xmlns = xmlns_muc_user }):tag("status", { code = "104" }));
		end
	end);
end

--- Sets one account's affiliation in one room. A room that is not there yet will be made with all of its affiliations.
function set_affiliation(address, name, affiliation)
	local room = get_room(address);
	local member = jid.join(name, accounts_host);
	if not room or (room._affiliations[member] or "none") == affiliation then return; end
	change_room(room, function ()
		assert(room:set_affiliation(true, member, affiliation), "an affiliation was refused");
	end);
end

--- Idempotent. The archive of the room goes with it.
function remove_room(address, reason)
	local room = get_room(address);
	if room then assert(room:destroy(nil, reason), "the room could not be removed"); end
end

local function localpart(bare)
	local name, host = jid.split(bare);
	return host == accounts_host and name or bare;
end

--- A fingerprint of what `put_room` sets, which provision.ts computes of the wanted state in the same way.
local function fingerprint(room)
	local lines = {};
	for member, affiliation in pairs(room._affiliations) do lines[#lines + 1] = localpart(member) .. "=" .. affiliation; end
	table.sort(lines);
	local is_ours = room:get_persistent() and room:get_members_only() and room:get_whois() == "anyone";
	table.insert(lines, 1, is_ours and "members-only" or "open");
	table.insert(lines, 2, room:get_hidden() and "private" or "public");
	table.insert(lines, 3, room:get_name() or "");
	table.insert(lines, 4, room._data.kosmos_topic or "");
	return hashes.sha256(table.concat(lines, "\n"), true);
end

--- `{ [address] = fingerprint }` of all rooms.
function list_rooms()
	local rooms = {};
	for room in muc.all_rooms() do rooms[jid.node(room.jid)] = fingerprint(room); end
	return rooms;
end

--- Everything that is set in one room, and who is there; nil if there is no such room.
function describe_room(address)
	local room = get_room(address);
	if not room then return nil; end
	local affiliations, occupants = {}, {};
	for member, affiliation in pairs(room._affiliations) do affiliations[localpart(member)] = affiliation; end
	for nick, occupant in room:each_occupant() do occupants[jid.resource(nick)] = localpart(occupant.bare_jid); end
	return {
		address = jid.node(room.jid); name = room:get_name(); topic = room._data.kosmos_topic; subject = select(2, room:get_subject());
		private = room:get_hidden() == true; membersOnly = room:get_members_only() == true; persistent = room:get_persistent() == true;
		affiliations = affiliations; occupants = occupants;
	};
end
