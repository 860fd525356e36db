-- XEP-0425 1 (urn:xmpp:message-moderate:1), which the mod_muc_moderation of Debian 12 does not speak: as little as a test needs.
local st = require "util.stanza";
local id = require "util.id";
local mod_muc = module:depends "muc";

local xmlns_moderate = "urn:xmpp:message-moderate:1";
local xmlns_retract = "urn:xmpp:message-retract:1";

module:hook("muc-disco#info", function (event)
	event.reply:tag("feature", { var = xmlns_moderate }):up();
end);

module:hook("iq-set/bare/" .. xmlns_moderate .. ":moderate", function (event)
	local stanza, origin = event.stanza, event.origin;
	local room = mod_muc.get_room_from_jid(stanza.attr.to);
	local moderator = room:get_occupant_by_real_jid(stanza.attr.from);
	if not moderator or moderator.role ~= "moderator" then
		origin.send(st.error_reply(stanza, "auth", "forbidden"));
		return true;
	end
	local moderate = stanza.tags[1];
	room:broadcast_message(st.message({ from = room.jid; type = "groupchat"; id = id.medium() })
		:tag("retract", { xmlns = xmlns_retract; id = moderate.attr.id })
			:tag("moderated", { xmlns = xmlns_moderate; by = moderator.nick }):up()
			:text_tag("reason", moderate:get_child_text("reason")));
	origin.send(st.reply(stanza));
	return true;
end);
