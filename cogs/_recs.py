"""Members' recs: saying one to the server, taking one back, and cards with them."""

import discord

from cogs import _text as text
from cogs._access import guild_of, require_moderator, viewer_of
from cogs._cards import card_below, work_card
from cogs._client import Interaction
from cogs._controls import Sheet
from db.errors import BadInput, NotFound
from db.models import Viewer, Work


async def card_with_recs(interaction: Interaction, work: Work) -> Sheet:
    """A work's card with the newest recs of this server."""
    recs = await interaction.client.library.members.recs(guild_of(interaction), work.work_id)
    return work_card(work, recs)


async def show_card(interaction: Interaction, work_id: int) -> None:
    """Answer a press with a work's card."""
    library = interaction.client.library
    work = await library.work(guild_of(interaction), work_id, viewer_of(interaction))
    sheet = await card_with_recs(interaction, work)
    # For the one who asked: a list that everybody clicks through would flood the channel.
    await interaction.response.send_message(view=sheet, ephemeral=True)


async def recommend(interaction: Interaction, named: str, why: str) -> None:
    """Keep a member's rec, and say it to the channel with the work's card."""
    guild_id, viewer = guild_of(interaction), viewer_of(interaction)
    if not text.clean(why):
        raise BadInput("There are no words in that. Say why others should read it.")
    library = interaction.client.library
    work = await library.resolve(guild_id, named, viewer)
    rec = await library.members.recommend(guild_id, work.work_id, viewer, why)
    said = "Recommendation changed" if rec.is_changed else "A recommendation"
    await interaction.response.send_message(view=card_below(said, work, [rec]))


async def take_back(
    interaction: Interaction, named: str, member: discord.User | discord.Member | None
) -> None:
    """Take one's own rec back; or another member's, which is for moderators."""
    user = interaction.user
    is_own = member is None or member.id == user.id
    guild_id = guild_of(interaction) if is_own else await require_moderator(interaction)
    library = interaction.client.library
    # The answer names no work, so it may be an adult one anywhere.
    work = await library.resolve(guild_id, named, Viewer(user.id, adult_ok=True))
    try:
        if is_own:
            await library.members.take_back_rec(guild_id, work.work_id, user.id)
        else:
            assert member is not None
            await library.members.remove_rec(guild_id, work.work_id, member.id, by=user.id)
    except NotFound:
        whose = "You have" if is_own else "That member has"
        raise NotFound(f"{whose} not recommended that fic.") from None
    said = "Your recommendation is taken back." if is_own else "That recommendation is taken down."
    await interaction.response.send_message(said, ephemeral=True)
