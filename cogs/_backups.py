"""The copies of the library that the running bot makes by itself."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

from cogs._settings import BackupSettings
from db.clock import Clock, from_text, to_text
from db.copies import LAST_COPY, CopyPlan, NotCopied, copies_in, make_copy
from db.errors import LibraryError
from db.library import Library

log = logging.getLogger(__name__)

START_SECONDS = 60  # the bot logs in, catches up with the daily posts, and only then copies
LOOK_SECONDS = 600  # at most: time also passes while a machine sleeps
RETRY = timedelta(hours=1)


def plan_of(settings: BackupSettings) -> CopyPlan | None:
    """The owner's choices; None where copies are switched off."""
    if not settings.folder:
        return None
    return CopyPlan(
        Path(settings.folder),
        timedelta(hours=settings.every_hours),
        settings.keep_daily,
        settings.keep_weekly,
    )


async def keep_copies(library: Library, path: Path, settings: BackupSettings, clock: Clock) -> None:
    """Copy the library whenever a copy is due, for ever; only cancelling ends it."""
    plan = plan_of(settings)
    if plan is None:
        return
    await clock.wait(START_SECONDS)
    not_before = clock.now()
    while True:
        not_before = min(not_before, clock.now() + RETRY)  # the clock may have been set back
        try:
            due = max(await _due(library, path, plan, clock.now()), not_before)
            if due <= clock.now():
                not_before = clock.now() + RETRY
                await _copy(library, path, plan, clock.now())
                due = clock.now() + plan.every
        except LibraryError as error:
            log.warning("The library was not copied: %s It is tried again in an hour.", error)
            due = not_before = clock.now() + RETRY
        except Exception:  # the copies outlive whatever goes wrong with one
            log.exception("The library was not copied; it is tried again in an hour")
            due = not_before = clock.now() + RETRY
        left = (due - clock.now()).total_seconds()
        await clock.wait(min(max(left, 1), LOOK_SECONDS))


async def _due(library: Library, path: Path, plan: CopyPlan, now: datetime) -> datetime:
    """When the next copy is due: by the last one that was made, and by the newest that is there.

    What is dated after now was dated by a wrong clock and counts for nothing.
    """
    try:
        copies = await asyncio.to_thread(copies_in, plan.folder, path)
    except OSError as error:
        raise NotCopied(f"{plan.folder} cannot be read: {error.strerror}.") from None
    known = [copy.at for copy in copies]
    noted = await library.meta(LAST_COPY)
    if noted is not None:
        known.append(from_text(json.loads(noted)["at"]))
    return max((at for at in known if at <= now), default=now - plan.every) + plan.every


async def _copy(library: Library, path: Path, plan: CopyPlan, now: datetime) -> None:
    made = await make_copy(path, plan, now)
    log.info(
        "The library is copied to %s: %s works, whole. Older copies removed: %s",
        made.path, made.works, made.removed,
    )  # fmt: skip
    for flaw in made.flaws:
        log.warning("%s The command check tells what to do.", flaw)
    note = {"at": to_text(now), "path": made.path, "works": made.works}
    try:
        await library.set_meta(LAST_COPY, json.dumps(note))
    except LibraryError as error:
        log.warning("When the library was last copied could not be noted: %s", error)
