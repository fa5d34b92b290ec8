"""`backup`, `restore` and `check`: the library's file as a whole."""

import argparse
from pathlib import Path

from db import backup
from db.console.common import EX_CONFIG, EX_OK, Context


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
    """Put a backup in the library's place."""
    source: Path = options.source
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
    """Tell whether the library's file is sound."""
    del options
    report = backup.check(context.library_path)
    context.put(
        {
            "library": str(context.library_path),
            "sound": report.is_sound,
            "findings": report.sentences,
            "schema": report.schema,
            "works": report.works,
            "indexed": report.indexed,
        },
        "\n".join(report.sentences),
    )
    return EX_OK if report.is_sound else EX_CONFIG


def _works(report: backup.Report) -> str:
    return f"{report.works} published work{'' if report.works == 1 else 's'}"
