"""What controls stand for, where it is too long for a custom_id; kept in the library."""

import json
import logging
from typing import cast

from cogs._access import guild_of
from cogs._client import Interaction
from cogs._controls import Json
from db.errors import NotFound, StorageFull

log = logging.getLogger(__name__)


async def keep(interaction: Interaction, kind: str, state: Json) -> int:
    """Keep something for the member's next presses; the number finds it again."""
    payload = json.dumps({"kind": kind, **state})
    library = interaction.client.library
    return await library.remember(guild_of(interaction), interaction.user.id, payload)


async def try_keep(interaction: Interaction, kind: str, state: Json) -> int:
    """The same for what can be done without; 0 where the disk has no room: reading goes on."""
    try:
        return await keep(interaction, kind, state)
    except StorageFull as error:
        log.warning("A list is shown without its controls: %s", error.__cause__)
        return 0


async def kept(interaction: Interaction, kind: str, token: int) -> tuple[int, Json]:
    """Whose it is, and what was kept in this server under that number.

    Raises:
        NotFound: nothing of that kind, or too long ago.
    """
    owner_id, payload = await interaction.client.library.recall(guild_of(interaction), token)
    state = cast("Json", json.loads(payload))
    if state.get("kind") != kind:
        raise NotFound("This is too old to go on with. Please ask again for a new one.")
    return owner_id, state


async def kept_own(interaction: Interaction, kind: str, token: int) -> Json:
    """What was kept for this very member. Raises NotFound."""
    owner_id, state = await kept(interaction, kind, token)
    if owner_id != interaction.user.id:
        raise NotFound("This is too old to go on with. Please ask again for a new one.")
    return state
