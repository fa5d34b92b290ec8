"""The server's log as a message."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from cogs import _text as text
from cogs._controls import Sheet, button
from db.audit import FORGOTTEN
from db.models import AuditEntry

OLDER = "log-older"  # the action of the button that goes back in time
LOG_LINES = 20  # what library.log gives at once


def log_sheet(entries: Sequence[AuditEntry]) -> Sheet:
    """The newest lines first, each with its time, who did it, and what."""
    if not entries:
        return Sheet(ui.TextDisplay("The log holds nothing (more)."))
    lines = [_line(entry) for entry in entries]
    parts: list[ui.Item[Any]] = [ui.TextDisplay(text.lines_within(lines, 3800))]
    if len(entries) >= LOG_LINES:
        parts.append(ui.ActionRow(button("Older", OLDER, entries[-1].audit_id)))
    return Sheet(*parts)


def _line(entry: AuditEntry) -> str:
    who = f"<@{entry.actor_id}>" if entry.actor_id else "the bot’s owner or the bot"
    if entry.actor_id == FORGOTTEN:
        who = "somebody who was forgotten"
    title = f" **{text.escape(entry.title, 50)}**" if entry.title else ""
    detail = f": {text.escape(entry.detail, 50)}" if entry.detail else ""
    when = f"<t:{int(entry.at.timestamp())}:f>"
    return f"{when} {who} · {text.escape(entry.action, 20)}{title}{detail}"
