"""/help: what the bot can do, for the one who asks."""

from discord import app_commands
from discord.ext import commands

from cogs._access import is_moderator
from cogs._client import Interaction

MEMBERS = """\
**Ficshelf keeps this server’s fic library.**
`/fic search` finds fics by whatever you remember: title, author, character. Typos are fine.
`/fic show` posts a fic’s card, `/fic excerpt` a passage of it, `/fic random` a surprise.
Rating and warnings stand first. Adult and unrated works show in age-restricted channels only.\
"""
MODERATORS = """\

**For moderators**
`/library add` takes files or a text; so does Apps → Add to library on any message.
`/library edit`, `remove`, `restore` keep it right; `log` shows who did what.
`/library settings` chooses who moderates.
`/daily setup` recommends a fic every day; `preview`, `now`, `pause`, `resume`, `status`.\
"""


class Help(commands.Cog):
    """The one command that works everywhere."""

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def help(self, interaction: Interaction) -> None:
        """What this bot can do"""
        if interaction.guild_id is None:
            said = f"{MEMBERS}\nThe commands work in servers, not in direct messages."
        elif await is_moderator(interaction):
            said = f"{MEMBERS}\n{MODERATORS}"
        else:
            said = MEMBERS
        await interaction.response.send_message(said, ephemeral=True)
