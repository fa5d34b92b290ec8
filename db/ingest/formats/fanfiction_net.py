"""FanFiction.net's and FictionPress's story pages, as a browser saves them."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.formats.fields import Fields, work_info
from db.ingest.formats.headings import chapter_name
from db.ingest.pages import Pages, first_of, having_class, line_of
from db.ingest.source import Source
from db.models import NewWork, WorkInfo, ZoneKind
from db.vocabulary import LANGUAGES

ORIGIN = "FanFiction.net page"
ASK = "Open the story in a browser, save that page, and add the file."
NOT_FOUND = f"FanFiction.net has no story there: it was deleted, or its link is mistyped. {ASK}"

# The site's own genres, which is how they are told from characters.
_GENRES = frozenset(
    ("adventure", "angst", "crime", "drama", "family", "fantasy", "friendship", "general",
     "horror", "humor", "hurt/comfort", "mystery", "parody", "poetry", "romance", "sci-fi",
     "spiritual", "supernatural", "suspense", "tragedy", "western", "biography", "essay", "fable",
     "historical", "kids", "life", "manga", "mythology", "play", "religion", "song", "spiritual",
     "thriller", "war", "work", "young adult")
)  # fmt: skip
_COUNTED = ("chapters", "words", "reviews", "favs", "follows", "id", "updated", "published")
_STORY_LINK = re.compile(r"https?://(?:www\.|m\.)?(fanfiction\.net|fictionpress\.com)/s/(\d+)")
_PAIRING = re.compile(r"\[([^\[\]]{1,500})\]")
_CROSSOVER = re.compile(r"\s+crossovers?$", re.IGNORECASE)


def read_page(page: HtmlElement) -> Source | None:
    """A story's page, which holds one chapter.

    Raises:
        UnreadableFile: it is a page of the site, but no story.
    """
    profile = page.get_element_by_id("profile_top", None)
    story = _element(page, "storytext", "storytextp", "storycontent")
    if profile is None and (story is None or not _is_of_site(page)):
        warning = first_of(having_class(page, "gui_warning"))
        if warning is not None and "story not found" in line_of(warning).casefold():
            raise UnreadableFile(NOT_FOUND)
        return None
    if story is None:
        raise UnreadableFile(f"This page of FanFiction.net came without the story's text. {ASK}")
    info, problems = _info(page, profile)
    number, names = _contents(page)
    text = Pages()
    heading = names[number - 1] if number <= len(names) else ""
    text.say(heading, ZoneKind.HEADING)
    text.add(story)
    chapter = text.chapter(chapter_name(heading, number))
    if len(names) > 1:
        problems = (
            *problems,
            f"This page holds chapter {number} of {len(names)}; add the others after it.",
        )
    return Source(NewWork(info, (chapter,)), ORIGIN, problems=problems)


def take_profile(line: str, fields: Fields) -> bool:
    """Take in the grey line under a summary; whether it is one.

    "Rated: Fiction T - English - Romance/Drama - [Spike S., Faye V.] Jet B. - Chapters: 5 - …"
    """
    parts = re.split(r"\s+-\s+", line.strip())
    if not parts[0].casefold().startswith("rated:"):
        return False
    people: list[str] = []
    for part in parts:
        label, colon, value = part.partition(":")
        kind = label.strip().casefold()
        if colon and kind in ("rated", "language", "genre", "characters"):
            if kind == "characters":
                people.append(value)
            elif kind == "genre":
                fields.add("genre", ", ".join(_genres(value) or [value]))
            else:
                fields.add(label, value.strip())
        elif colon and kind == "status":
            fields.add("status", value)
        elif colon and kind in _COUNTED:
            continue
        elif kind == "complete":
            fields.add("status", "complete")
        elif LANGUAGES.get(kind) and not fields.first("language"):
            fields.add("language", part)
        elif genres := _genres(part):
            fields.add("genre", ", ".join(genres))
        else:
            people.append(part)
    # A name may hold the dash that parts the line.
    _take_people(" - ".join(people), fields)
    return True


def _genres(part: str) -> list[str]:
    found = [one.strip() for one in part.replace("Hurt/Comfort", "Hurt-Comfort").split("/")]
    names = [one.replace("Hurt-Comfort", "Hurt/Comfort") for one in found]
    return names if all(name.casefold() in _GENRES for name in names) else []


def _take_people(said: str, fields: Fields) -> None:
    names = [name.strip() for name in re.split(r"[\[\],]", said)]
    fields.add("characters", ", ".join(filter(None, names)))
    for pairing in _PAIRING.findall(said):
        together = [name.strip() for name in pairing.split(",")]
        fields.add("relationships", "/".join(filter(None, together)))


def _is_of_site(page: HtmlElement) -> bool:
    return any(_STORY_LINK.match(url) for url in _addresses(page))


def _addresses(page: HtmlElement) -> Iterable[str]:
    for link in page.iter("link"):
        if link.get("rel") in ("canonical", "alternate"):
            yield re.sub(r"^//", "https://", link.get("href") or "")
    for meta in page.iter("meta"):
        if meta.get("property") == "og:url":
            yield meta.get("content") or ""
    for link in page.iter("a"):
        yield link.get("href") or ""


def _element(page: HtmlElement, *ids: str) -> HtmlElement | None:
    return next(
        (found for one in ids if (found := page.get_element_by_id(one, None)) is not None), None
    )


def _info(page: HtmlElement, profile: HtmlElement | None) -> tuple[WorkInfo, tuple[str, ...]]:
    fields = Fields()
    whole = profile if profile is not None else page
    author = next(
        (link for link in whole.iter("a") if (link.get("href") or "").find("/u/") >= 0), None
    )
    title, summary = first_of(whole.iter("b")), None
    if profile is not None:
        summary = next((one for one in profile.iterchildren("div") if line_of(one)), None)
        for line in having_class(profile, "xgray", "span"):
            if take_profile(line_of(line), fields) and not fields.first("status"):
                fields.add("status", "in-progress")  # the site says only what is complete
    _take_fandoms(page, fields)
    url = next(filter(None, map(_STORY_LINK.match, _addresses(page))), None)
    info, problems = work_info(
        fields,
        title=line_of(title) if title is not None else None,
        authors=[line_of(author)] if author is not None else [],
        summary=line_of(summary) if summary is not None else None,
        source_url=f"https://www.{url[1]}/s/{url[2]}" if url else None,
    )
    days = [_day(span) for span in whole.iter("span") if span.get("data-xutime")]
    if days:
        info = replace(info, published=days[-1], updated=days[0] if len(days) > 1 else None)
    return info, problems


def _day(span: HtmlElement) -> date | None:
    try:
        return datetime.fromtimestamp(int(span.get("data-xutime") or ""), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _take_fandoms(page: HtmlElement, fields: Fields) -> None:
    holder = page.get_element_by_id("pre_story_links", None)
    links = list(holder.iter("a")) if holder is not None else []
    if not links:
        return
    said = line_of(links[-1])
    if _CROSSOVER.search(said):
        fields.values["fandoms"] = _CROSSOVER.sub("", said).split(" + ")
    else:
        fields.values["fandoms"] = [said]


def _contents(page: HtmlElement) -> tuple[int, list[str]]:
    """Which chapter the page is of, from 1, and what the chapters are called."""
    for listing in page.iter("select"):
        if listing.get("name") == "chapter" or listing.get("id") == "chap_select":
            options = list(listing.iter("option"))
            names = [line_of(one) for one in options]
            here = [at for at, one in enumerate(options, 1) if one.get("selected") is not None]
            return (here or [1])[0], names
    return 1, []
