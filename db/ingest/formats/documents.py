"""What word processors' documents have in common: paragraphs, headings, and blank lines."""

import re

from db.ingest.packages import Package, parse_xml
from db.ingest.pages import BREAK

# What programs call a document before somebody names it.
_UNNAMED = re.compile(
    r"^(?:untitled\b.*|document\d*|microsoft word\b.*|new document|title|\S+\.(?:docx?|odt|rtf))$",
    re.IGNORECASE,
)
_BLANK = re.compile(r"[ \t\xa0]+$", re.MULTILINE)


class Lines:
    """A document's text as it is put together.

    A paragraph stands apart by a blank line; a document that parts its paragraphs by empty ones
    itself is told by its own blanks, so that a wider one can still mean something.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(self, text: str, level: int | None = None) -> None:
        """Add a paragraph; `level` is that of a heading, from 1. An empty one is a blank."""
        said = _BLANK.sub("", text)
        if level and level <= 3 and said.strip():
            said = f"{'#' * level} {' '.join(said.split())}"
        self._parts.append(said if said.strip() else "")

    def rule(self) -> None:
        """Add a ruled line."""
        self._parts.append(BREAK)

    def text(self) -> str:
        """The paragraphs, each with the blanks above it."""
        filled = sum(bool(part) for part in self._parts)
        blank = len(self._parts) - filled
        # With an empty paragraph between nearly all, one of them is what parts paragraphs.
        own = blank >= 0.5 * max(1, filled - 1)
        return ("\n" if own else "\n\n").join(self._parts).strip("\n")


def title_candidates(package: Package, path: str) -> tuple[str, ...]:
    """What a document's properties call it, if somebody has named it."""
    if path not in package:
        return ()
    titles = (
        " ".join((one.text or "").split()) for one in parse_xml(package.read(path)).iter("{*}title")
    )
    return tuple(title for title in titles if title and not _UNNAMED.match(title))
