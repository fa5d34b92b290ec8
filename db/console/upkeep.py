"""`backup`, `restore` and `check`: the library's file as a whole, and what it needs."""

import argparse
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from db import backup, doctor
from db.console.common import EX_CONFIG, EX_OK, EX_TO_MEND, Context, shown
from db.copies import newest_sound
from db.doctor import Finding
from db.duties import Duties
from db.soundness import Report


@dataclass(slots=True)
class _Told:
    """The findings so far; each is printed as it comes."""

    context: Context
    findings: list[Finding] = field(default_factory=list[Finding])

    def add(self, findings: Iterable[Finding]) -> None:
        for one in findings:
            self.findings.append(one)
            row: dict[str, object] = {
                "about": one.about, "ok": one.ok, "finding": one.finding, "mend": one.mend
            }  # fmt: skip
            mark = {True: "well", False: "mend", None: "note"}[one.ok]
            said = shown(f"{one.finding} {one.mend}")
            self.context.put(row, f"{mark}  {one.about:<13}  {said}")


def back_up(context: Context, options: argparse.Namespace) -> int:
    """Copy the library to a new file."""
    dest: Path = options.dest
    report = backup.back_up(context.library_path, dest)
    said = f"{context.library_path} is copied to {dest}, and the copy is whole: {_works(report)}."
    context.put(
        {"library": str(context.library_path), "dest": str(dest), "works": report.works},
        "\n".join([said, *report.flaws]),
    )
    return EX_OK


def restore(context: Context, options: argparse.Namespace) -> int:
    """Put a backup in the library's place; of a folder, the newest sound one."""
    source: Path = options.source
    if source.is_dir():
        copy, passed = newest_sound(source, context.library_path)
        source = copy.path
        for sentence in passed:
            context.warn(f"{sentence} An older copy is taken.")
    report, kept = backup.restore(source, context.library_path)
    said = f"{context.library_path} is restored from {source}: {_works(report)}."
    if kept:
        said += f"\nWhat was there is kept as {kept}."
    context.put(
        {
            "library": str(context.library_path),
            "source": str(source),
            "works": report.works,
            "kept": str(kept) if kept else None,
        },
        "\n".join([said, *report.flaws]),
    )
    return EX_OK


def check(context: Context, options: argparse.Namespace) -> int:
    """Look at everything that the bot needs; tell what is wrong, and the mend for it."""
    checkup, told, now = context.checkup, _Told(context), datetime.now(UTC)
    state = doctor.LibraryState(())
    told.add(checkup.configuration)
    told.add(doctor.examine_program())
    if checkup.library_is_known:
        state = doctor.examine_library(context.library_path)
        told.add(state.findings)
    told.add(doctor.examine_clock(now, state.duties))
    if state.duties:
        told.add(doctor.examine_zones(state.duties))
    if state.report:
        copies = doctor.examine_copies(checkup.copies, context.library_path, state.duties, now)
        told.add(copies)
    asyncio.run(_ask_others(told, state.duties, is_offline=options.offline))
    _sum_up(told, context, state)
    grave = [one for one in told.findings if one.ok is False and one.grave]
    if grave:
        context.warn(f"{grave[0].finding} {grave[0].mend}")
        return EX_CONFIG
    return EX_TO_MEND if any(one.ok is False for one in told.findings) else EX_OK


async def _ask_others(told: _Told, duties: Duties | None, *, is_offline: bool) -> None:
    told.add([await doctor.examine_reading()])
    if is_offline:
        told.add([Finding("discord", None, "Discord was not asked: --offline.")])
    elif told.context.checkup.discord is not None:
        told.add(await told.context.checkup.discord(duties))


def _sum_up(told: _Told, context: Context, state: doctor.LibraryState) -> None:
    to_mend = sum(one.ok is False for one in told.findings)
    report = state.report
    context.put(
        {
            "library": str(context.library_path) if context.checkup.library_is_known else None,
            "sound": report is not None and report.is_sound,
            "findings": [one.finding for one in state.findings if one.about == "library"],
            "schema": report.schema if report else None,
            "works": report.works if report else None,
            "indexed": report.indexed if report else None,
            "to_mend": to_mend,
        },
        f"{to_mend} to mend." if to_mend else "All is well.",
    )


def _works(report: Report) -> str:
    return f"{report.works} published work{'' if report.works == 1 else 's'}"
