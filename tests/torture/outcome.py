"""What a torture comes to, and its row in the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row: what was done how often, what came of it, and what had to."""

    what: str
    runs: int
    found: str
    asked: str
    holds: bool


Torture = Callable[[int], Sequence[Outcome]]
"""Does its worst about that many times: of the full measure, `FULL_RUNS` of the module."""


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes in Markdown."""
    rows = [
        ("what was done", "runs", "found", "asked", ""),
        ("---", "---:", "---", "---", "---"),
        *(
            (one.what, f"{one.runs:,}", one.found, one.asked, "holds" if one.holds else "**FAILS**")
            for one in outcomes
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
