"""REST: the application and its commands, servers, members, users, and the way to the gateway."""

from sandbox.commands import Commands
from sandbox.errors import ApiError, FieldError, Refusal, invalid_form
from sandbox.gateway import Gateway
from sandbox.model import Guild
from sandbox.payloads import Payloads
from sandbox.permissions import in_guild
from sandbox.routing import NO_CONTENT, Call, Reply, Router
from sandbox.wire import as_id
from sandbox.world import World

SESSIONS_A_DAY = 1000
SERVERS_A_SHARD = 1000  # as many as Discord wants one connection to carry


class DirectoryRoutes:
    """What there is. `shards` is how many connections Discord recommends; None: it counts."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        commands: Commands,
        gateway: Gateway,
        shards: int | None,
    ) -> None:
        self._world = world
        self._payloads = payloads
        self._commands = commands
        self._gateway = gateway
        self._shards = shards

    def register(self, router: Router) -> None:
        """Add the routes."""
        guild = "/guilds/{guild_id}"
        router.add("GET", "/gateway", self.gateway)
        router.add("GET", "/gateway/bot", self.gateway_bot)
        router.add("GET", "/applications/@me", self.application)
        router.add("GET", "/oauth2/applications/@me", self.application)
        router.add("GET", "/users/@me", self.me)
        router.add("GET", "/users/@me/guilds", self.my_guilds)
        router.add("POST", "/users/@me/channels", self.open_direct)
        router.add("GET", "/users/{user_id}", self.user)
        router.add("GET", guild, self.guild)
        router.add("GET", guild + "/channels", self.channels)
        router.add("GET", guild + "/roles", self.roles)
        router.add("GET", guild + "/members", self.members)
        router.add("GET", guild + "/members/search", self.search_members)
        router.add("GET", guild + "/members/{user_id}", self.member)
        application = "/applications/{application_id}"
        for key in ("emojis", "skus", "entitlements"):
            empty: Reply = (200, {"items": []} if key == "emojis" else [])
            router.add("GET", f"{application}/{key}", lambda _, answer=empty: answer)
        for scope in (application, application + "/guilds/{guild_id}"):
            router.add("GET", scope + "/commands", self.list_commands)
            router.add("PUT", scope + "/commands", self.put_commands)
            router.add("POST", scope + "/commands", self.add_command)
            router.add("GET", scope + "/commands/{command_id}", self.get_command)
            router.add("PATCH", scope + "/commands/{command_id}", self.change_command)
            router.add("DELETE", scope + "/commands/{command_id}", self.remove_command)

    def gateway(self, call: Call) -> Reply:
        """Get Gateway."""
        return 200, {"url": self._gateway.url}

    def gateway_bot(self, call: Call) -> Reply:
        """Get Gateway Bot."""
        limit = {
            "total": SESSIONS_A_DAY,
            "remaining": max(0, SESSIONS_A_DAY - self._gateway.identified),
            "reset_after": 14400000,
            "max_concurrency": 16,  # how many may identify at once is not looked at
        }
        shards = self._shards or 1 + len(self._world.guilds) // SERVERS_A_SHARD
        answer = {"url": self._gateway.url, "shards": shards, "session_start_limit": limit}
        return 200, answer

    def application(self, call: Call) -> Reply:
        """Get Current Application."""
        return 200, self._payloads.application()

    def me(self, call: Call) -> Reply:
        """Get Current User."""
        return 200, self._payloads.me()

    def my_guilds(self, call: Call) -> Reply:
        """Get Current User Guilds."""
        bot_id = self._world.bot.id
        return 200, [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": guild.owner_id == bot_id,
                "permissions": str(in_guild(guild, bot_id)),
                "features": [],
            }
            for guild in self._world.guilds.values()
        ]

    def open_direct(self, call: Call) -> Reply:
        """Create DM."""
        account = self._world.accounts.get(as_id(call.json().get("recipient_id")) or 0)
        if account is None or account.bot:
            message = "Invalid Recipient(s)"
            raise invalid_form([FieldError(("recipient_id",), "INVALID_RECIPIENT", message)])
        return 200, self._payloads.channel(self._world.direct_channel(account))

    def user(self, call: Call) -> Reply:
        """Get User."""
        account = self._world.accounts.get(call.id("user_id") or 0)
        if account is None:
            raise ApiError(Refusal.UNKNOWN_USER)
        return 200, self._payloads.user(account)

    def _guild(self, call: Call) -> Guild:
        return self._world.bot_guild(call.id("guild_id"))

    def guild(self, call: Call) -> Reply:
        """Get Guild."""
        guild = self._guild(call)
        counts = {}
        if call.query.get("with_counts", "").lower() in ("1", "true"):
            counts = {
                "approximate_member_count": len(guild.members),
                "approximate_presence_count": len(guild.members),
            }
        return 200, {**self._payloads.guild(guild), **counts}

    def channels(self, call: Call) -> Reply:
        """Get Guild Channels; threads are not among them."""
        found = self._world.channels_of(self._guild(call))
        return 200, [self._payloads.channel(c) for c in found if c.parent_id is None]

    def roles(self, call: Call) -> Reply:
        """Get Guild Roles."""
        return 200, [self._payloads.role(role) for role in self._guild(call).roles.values()]

    def members(self, call: Call) -> Reply:
        """List Guild Members, in the order of their ids."""
        guild = self._guild(call)
        after = as_id(call.query.get("after")) or 0
        limit = as_id(call.query.get("limit", "1")) or 1
        found = [member for _, member in sorted(guild.members.items()) if member.account_id > after]
        return 200, [self._payloads.member(member) for member in found[:limit]]

    def search_members(self, call: Call) -> Reply:
        """Search Guild Members by the beginning of a name."""
        guild = self._guild(call)
        query = call.query.get("query", "").lower()
        limit = as_id(call.query.get("limit", "1")) or 1
        found = [
            member
            for member in guild.members.values()
            if self._world.accounts[member.account_id].name.lower().startswith(query)
        ]
        return 200, [self._payloads.member(member) for member in found[:limit]]

    def member(self, call: Call) -> Reply:
        """Get Guild Member."""
        member = self._guild(call).members.get(call.id("user_id") or 0)
        if member is None:
            known = (call.id("user_id") or 0) in self._world.accounts
            raise ApiError(Refusal.UNKNOWN_MEMBER if known else Refusal.UNKNOWN_USER)
        return 200, self._payloads.member(member)

    # Commands

    def _scope(self, call: Call) -> int | None:
        if call.id("application_id") != self._world.bot.id:
            raise ApiError(Refusal.UNKNOWN_APPLICATION)
        return self._guild(call).id if "guild_id" in call.args else None

    def list_commands(self, call: Call) -> Reply:
        """Get Application Commands."""
        return 200, self._commands.scope(self._scope(call))

    def put_commands(self, call: Call) -> Reply:
        """Bulk Overwrite Application Commands."""
        return 200, self._commands.replace(self._scope(call), call.body)

    def add_command(self, call: Call) -> Reply:
        """Create Application Command."""
        command, new = self._commands.upsert(self._scope(call), call.json())
        return (201 if new else 200), command

    def get_command(self, call: Call) -> Reply:
        """Get Application Command."""
        return 200, self._commands.find(self._scope(call), call.id("command_id"))

    def change_command(self, call: Call) -> Reply:
        """Edit Application Command."""
        scope = self._scope(call)
        return 200, self._commands.change(scope, call.id("command_id"), call.json())

    def remove_command(self, call: Call) -> Reply:
        """Delete Application Command."""
        self._commands.remove(self._scope(call), call.id("command_id"))
        return NO_CONTENT
