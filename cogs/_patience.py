"""Answers that come late all the same come: Discord gives up on an interaction after three seconds.

Where a crowd asks at once, or the machine is slow, the work on an answer may not be begun in that
time. So after a third of it Discord is told that the answer takes a while, in the place of the
handler, which need not know: what it then sends becomes what was promised.
"""

import asyncio
from typing import Any, cast

import discord
from discord import InteractionType

from db.errors import LibraryError

PATIENCE_S = 1.0  # to say so takes its time as well, behind 200 others
PUBLIC_GROUP = "fic"  # the commands whose answers everybody sees


class TookTooLong(LibraryError):
    """A form can only be opened at once."""


class PatientResponse(discord.InteractionResponse[Any]):
    """The response to an interaction; it defers itself when its time is nearly up."""

    def __init__(self, parent: discord.Interaction[Any]) -> None:
        super().__init__(parent)
        self._promised = False  # by the clock, and not kept yet
        self._deferring: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(PATIENCE_S, self._time_is_up)

    def is_done(self) -> bool:
        """Whether it was answered, which a mere promise is not."""
        return super().is_done() and not self._promised

    def _time_is_up(self) -> None:
        self._deferring = asyncio.create_task(self._promise())

    async def _promise(self) -> None:
        parent = self._parent
        match parent.type:
            case InteractionType.autocomplete:
                await super().autocomplete([])  # nobody waits for it any more
            case InteractionType.application_command:
                await super().defer(ephemeral=not self._is_public)
            case InteractionType.modal_submit if parent.message is None:
                await super().defer(ephemeral=True, thinking=True)
            case _:
                await super().defer()
        self._promised = True

    @property
    def _is_public(self) -> bool:
        data = cast("dict[str, Any]", self._parent.data or {})
        is_command = self._parent.type is InteractionType.application_command
        return is_command and data.get("name") == PUBLIC_GROUP

    async def _keeps_promise(self) -> bool:
        """Whether this answer comes after a promise; from now on the clock is not looked at."""
        self._timer.cancel()
        if self._deferring is not None:
            await asyncio.wait([self._deferring])
            if not self._deferring.cancelled():
                # It did not get through: then the answer itself will not, or there is time yet.
                self._deferring.exception()
        return self._promised

    async def send_message(self, content: Any = None, **options: Any) -> Any:
        """Answer with a message."""
        if not await self._keeps_promise():
            return await super().send_message(content, **options)
        self._promised = False
        if self._is_public and options.get("ephemeral"):
            await self._parent.delete_original_response()
        if content is not None:
            options["content"] = content
        await self._parent.followup.send(**options)
        return None

    async def edit_message(self, **options: Any) -> Any:
        """Answer with another face of the message that was used."""
        if not await self._keeps_promise():
            return await super().edit_message(**options)
        self._promised = False
        await self._parent.edit_original_response(**options)
        return None

    async def defer(self, **options: Any) -> Any:
        """Promise an answer, unless that is done."""
        if not await self._keeps_promise():
            return await super().defer(**options)
        self._promised = False
        return None

    async def autocomplete(self, choices: Any) -> None:
        """Offer choices, unless it is too late for them."""
        if not await self._keeps_promise():
            await super().autocomplete(choices)
        self._promised = False

    async def send_modal(self, modal: Any, /) -> Any:
        """Open a form. Raises TookTooLong: it is too late for one."""
        if await self._keeps_promise():
            raise TookTooLong("The bot is very busy just now. Please try that again.")
        return await super().send_modal(modal)


def be_patient(interaction: discord.Interaction[Any]) -> None:
    """Have an interaction's response look at the clock, from now on."""
    # Where discord.py keeps what `interaction.response` gives.
    if getattr(interaction, "_cs_response", None) is None:
        interaction._cs_response = PatientResponse(interaction)  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
