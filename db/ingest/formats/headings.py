"""What the headings of exported chapters say: a number, a name, or the work's title."""

import re
from collections.abc import Sequence
from dataclasses import replace

from db.ingest import signs
from db.models import Chapter, WorkInfo

# A chapter's number that a site, or a program, puts before its name.
_NUMBER = re.compile(
    r"^(?:(?:chapter|ch\.?|part)\s+)?(?P<number>\d{1,5})\s*[.:)–—-]\s*(?=\S)", re.IGNORECASE
)


def chapter_name(heading: str, position: int) -> str | None:
    """A chapter's own name: "The Road" of "2. The Road", None of "Chapter 2".

    A number that is not the chapter's position stays: it says something that the position does
    not.
    """
    if match := _NUMBER.match(heading):
        rest = heading[match.end() :]
        if int(match["number"]) != position:
            return heading
        # "2. Chapter 2" is how FanFiction.net lists a chapter without a name.
        return chapter_name(rest, position) if signs.heading_title(rest) is not None else rest
    if signs.heading_title(heading) == "" and signs.heading_number(heading) == position:
        return None
    if title := signs.heading_title(heading):
        return title if signs.heading_number(heading) == position else heading
    return heading or None


def lone_untitled(chapters: Sequence[Chapter], info: WorkInfo) -> tuple[Chapter, ...]:
    """The chapters; an only one that bears the work's title has no name of its own."""
    if len(chapters) == 1 and chapters[0].title == info.title:
        return (replace(chapters[0], title=None),)
    return tuple(chapters)
