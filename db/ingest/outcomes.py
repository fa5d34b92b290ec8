"""What became of one line of the interchange format."""

from dataclasses import dataclass

from db.models import NewWork


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """A line's work, or the sentence on why there is none."""

    line_no: int  # from 1
    work: NewWork | None
    reason: str | None = None
