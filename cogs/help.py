"""/help: what the bot can do, for the one who asks."""

from typing import Literal

from discord import app_commands
from discord.ext import commands

from cogs._access import is_moderator
from cogs._client import Interaction

MEMBERS = """\
**Ficshelf keeps this server’s fic library.**
`/fic search` finds fics by whatever you remember: title, author, character. Typos are fine.
It takes filters too, such as `ship:spike/buffy -tag:angst words:<5k`: see `/help about:Searching`.
`/fic quote` finds who says something, and where. `/fic similar` finds more like a fic.
`/fic show` posts a fic’s card, `/fic excerpt` a passage of it, `/fic random` a surprise.
`/fic rec` recommends a fic in your own words, for all to read on its card; `/fic unrec` undoes it.
`/privacy export` gives you all that I hold about you, `/privacy delete` deletes it.
Rating and warnings stand first. Adult and unrated works show in age-restricted channels only.\
"""
MODERATORS = """\

**For moderators**
`/library add` takes files, a text or a link; see `/help about:Adding`.
`/library edit`, `remove`, `restore`, `duplicates` keep it right; `log` shows who did what.
`/fic unrec` with a member takes their recommendation down.
`/library import` and `export` move a whole list.
`/library tag` keeps tags: `merge`, `split`, `rename`, `parent`, `nickname`.
`/library settings` chooses who moderates.
`/daily setup` recommends a fic every day; see `/help about:Recommending`.\
"""

SEARCHING = """\
**Searching with `/fic search`**
Type what you remember, in any order and spelling. To be more exact, in the same box:
- `"long way home"` exactly these words, `-angst` without this word, `spike OR angel` either
- `author:vixen` or `by vixen`, `fandom:btvs`, `character:faye`, `series:`, `title:"winter"`
- `ship:spike/buffy` (`/` romantic, `&` not), `tag:"slow burn"`, `-tag:"major character death"`
- `rating:<=teen`, `words:<5k`, `words:10k-50k`, `status:complete`, `crossover:no`, `lang:fr`
- `updated:<30d`, `published:2024`, `added:>2024-05`
- `sort:words`, or `title`, `author`, `added`, `updated`
`-` turns any of them round, brackets group: `(tag:fluff OR tag:humour) -rating:explicit`.
A tag also finds its synonyms and the tags below it. What cannot be read is searched as words.\
"""
ADDING = """\
**Adding with `/library add`**, for moderators
- Up to ten files: EPUB and HTML as AO3, FanFicFare and FicHub give them, Word (.docx), ODT, RTF, \
text, Markdown, or a zip of any of these. Or paste the text.
- What the file says of itself (title, author, tags, rating) is filled in; the rest is suggested, \
with the reason. Nothing is published before you have seen the card.
- Many works at once are read as a batch: publish them all, or review them one by one.
- The same fic again is recognised. A longer copy updates the one that is here.
- Apps → **Add to library** on a message takes its text or files. Used again on the next message, \
it offers to add that as the next chapter.\
"""
RECOMMENDING = """\
**Recommending with `/daily`**, for moderators
- `setup` chooses channel, hour and time zone; and, if you like, days, a role to ping, a thread, \
and which fics: fandom, rating, status, length. With `name` there can be others, such as a \
weekly one.
- Nothing repeats while unseen fics are left. Fics that members recommended with `/fic rec` come \
first; authors and fandoms take turns.
- `preview` shows the next one; there you can choose another or say never. `queue` puts fics in \
order, `skip` passes one over, `veto` keeps one out for good.
- `now` posts at once, `pause` and `resume` stop and start it, `remove` ends it; `status` and \
`history` tell what comes and what was.
- An adult fic is posted in age-restricted channels only, its passage covered.\
"""
_TOPICS = {"Searching": SEARCHING, "Adding": ADDING, "Recommending": RECOMMENDING}


class Help(commands.Cog):
    """The one command that works everywhere."""

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(about="One thing in detail")
    async def help(
        self,
        interaction: Interaction,
        about: Literal["Searching", "Adding", "Recommending"] | None = None,
    ) -> None:
        """What this bot can do"""
        if about in _TOPICS:
            said = _TOPICS[about]
        elif interaction.guild_id is None:
            said = f"{MEMBERS}\nThe commands work in servers, not in direct messages."
        elif await is_moderator(interaction):
            said = f"{MEMBERS}\n{MODERATORS}"
        else:
            said = MEMBERS
        await interaction.response.send_message(said, ephemeral=True)
