"""REST: channels, messages, reactions and typing."""

from sandbox.errors import ApiError, FieldError, Refusal, invalid_form
from sandbox.model import ChannelKind, Flags, Message
from sandbox.payloads import Payloads
from sandbox.posting import Posting
from sandbox.routing import NO_CONTENT, Call, Reply, Router
from sandbox.wire import Json, as_id, as_list
from sandbox.world import Happening, World


class MessageRoutes:
    """What the bot does in channels under its own name."""

    def __init__(self, world: World, payloads: Payloads, posting: Posting) -> None:
        self._world = world
        self._payloads = payloads
        self._posting = posting

    def register(self, router: Router) -> None:
        """Add the routes."""
        channel = "/channels/{channel_id}"
        message = channel + "/messages/{message_id}"
        mine = message + "/reactions/{emoji_name}/@me"
        router.add("GET", channel, self.get_channel)
        router.add("POST", channel + "/typing", self.typing)
        router.add("GET", channel + "/messages", self.history)
        router.add("POST", channel + "/messages", self.create)
        router.add("POST", channel + "/messages/bulk-delete", self.bulk_delete)
        router.add("GET", message, self.get)
        router.add("PATCH", message, self.edit)
        router.add("DELETE", message, self.delete)
        router.add("POST", message + "/threads", self.open_thread)
        router.add("PUT", mine, self.add_reaction)
        router.add("DELETE", mine, self.remove_reaction)

    def get_channel(self, call: Call) -> Reply:
        """Get Channel."""
        return 200, self._payloads.channel(self._world.bot_channel(call.id("channel_id")))

    def typing(self, call: Call) -> Reply:
        """Trigger Typing Indicator."""
        channel = self._world.bot_channel(call.id("channel_id"), "send_messages")
        self._world.tell(Happening("typing", channel, account_id=self._world.bot.id))
        return NO_CONTENT

    def history(self, call: Call) -> Reply:
        """Get Channel Messages: newest first; at most 100, 50 unless told."""
        channel = self._world.bot_channel(call.id("channel_id"))
        if not self._world.may(self._world.bot.id, channel, "read_message_history"):
            return 200, []
        limit = as_id(call.query.get("limit", "50"))
        if limit is None or not 1 <= limit <= 100:
            message = "int value should be between 1 and 100."
            raise invalid_form([FieldError(("limit",), "NUMBER_TYPE_MAX", message)])
        found = [m for m in channel.messages.values() if m.ephemeral_to is None]
        if (after := as_id(call.query.get("after"))) is not None:
            found = [m for m in found if m.id > after][:limit]
        elif (around := as_id(call.query.get("around"))) is not None:
            earlier = [m for m in found if m.id < around][-(limit // 2) :]
            found = (earlier + [m for m in found if m.id >= around])[:limit]
        else:
            before = as_id(call.query.get("before"))
            found = [m for m in found if before is None or m.id < before][-limit:]
        return 200, [self._payloads.message(message) for message in reversed(found)]

    def create(self, call: Call) -> Reply:
        """Create Message."""
        needs = ["send_messages"]
        if call.uploads:
            needs.append("attach_files")
        if call.json().get("message_reference"):
            needs.append("read_message_history")
        channel = self._world.bot_channel(call.id("channel_id"), *needs)
        body = self._allowed(channel.id, call.json())
        message = self._posting.repeated(channel, body)
        if message is None:
            message = self._posting.create(channel, body, call.uploads)
        return 200, self._payloads.message(message)

    def _allowed(self, channel_id: int, body: Json) -> Json:
        """Without Embed Links, embeds go missing without a word."""
        channel = self._world.channels[channel_id]
        if not body.get("embeds") or self._world.may(self._world.bot.id, channel, "embed_links"):
            return body
        return {**body, "embeds": []}

    def get(self, call: Call) -> Reply:
        """Get Channel Message."""
        channel = self._world.bot_channel(call.id("channel_id"), "read_message_history")
        message = self._world.bot_message(channel, call.id("message_id"))
        return 200, self._payloads.message(message)

    def edit(self, call: Call) -> Reply:
        """Edit Message."""
        channel = self._world.bot_channel(call.id("channel_id"))
        message = self._world.bot_message(channel, call.id("message_id"))
        if message.author_id != self._world.bot.id:
            raise ApiError(Refusal.NOT_THE_AUTHOR)
        self._posting.edit(message, call.json(), call.uploads)
        return 200, self._payloads.message(message)

    def delete(self, call: Call) -> Reply:
        """Delete Message."""
        channel = self._world.bot_channel(call.id("channel_id"))
        message = self._world.bot_message(channel, call.id("message_id"))
        if message.author_id != self._world.bot.id:
            self._world.bot_channel(channel.id, "manage_messages")
        self._world.delete_message(message)
        return NO_CONTENT

    def open_thread(self, call: Call) -> Reply:
        """Start Thread from Message: a message has one at most."""
        channel = self._world.bot_channel(call.id("channel_id"), "create_public_threads")
        if channel.kind is not ChannelKind.TEXT:
            raise ApiError(Refusal.WRONG_CHANNEL_TYPE)
        message = self._world.bot_message(channel, call.id("message_id"))
        name = call.json().get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            said = "Must be between 1 and 100 in length."
            raise invalid_form([FieldError(("name",), "BASE_TYPE_BAD_LENGTH", said)])
        if message.flags & Flags.HAS_THREAD:
            raise ApiError(Refusal.HAS_THREAD)
        return 201, self._payloads.channel(self._world.open_thread(channel, name, message))

    def bulk_delete(self, call: Call) -> Reply:
        """Bulk Delete Messages: 2 to 100 of them."""
        channel = self._world.bot_channel(call.id("channel_id"), "manage_messages")
        ids = as_list(call.json().get("messages")) or []
        if not 2 <= len(ids) <= 100:
            message = "Must be between 2 and 100 in length."
            raise invalid_form([FieldError(("messages",), "BASE_TYPE_BAD_LENGTH", message)])
        for found in [channel.messages.get(as_id(value) or 0) for value in ids]:
            if found is not None and found.ephemeral_to is None:
                self._world.delete_message(found)
        return NO_CONTENT

    def add_reaction(self, call: Call) -> Reply:
        """Create Reaction."""
        message = self._reacted(call, "read_message_history", "add_reactions")
        self._world.react(message, self._world.bot.id, call.args["emoji_name"])
        return NO_CONTENT

    def remove_reaction(self, call: Call) -> Reply:
        """Delete Own Reaction."""
        message = self._reacted(call)
        emoji = call.args["emoji_name"]
        self._world.react(message, self._world.bot.id, emoji, remove=True)
        return NO_CONTENT

    def _reacted(self, call: Call, *needs: str) -> Message:
        channel = self._world.bot_channel(call.id("channel_id"), *needs)
        return self._world.bot_message(channel, call.id("message_id"))
