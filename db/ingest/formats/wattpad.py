"""Wattpad's pages, each a part of a story, as a browser saves them."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.formats.fields import day
from db.ingest.formats.headings import chapter_name
from db.ingest.pages import Pages, first_of, line_of
from db.ingest.source import Source
from db.models import NewWork, Rating, Status, WorkInfo, ZoneKind
from db.vocabulary import LANGUAGES

ORIGIN = "Wattpad page"
ASK = "Open the part in a browser, scroll to its end, save that page, and add the file."
MOST_NODES = 20_000  # of what the page's data hold
_DATA = re.compile(r"(?:window\.prefetched|window\.__remixContext)\s*=\s*")
_ADDRESS = re.compile(r"https?://(?:www\.)?wattpad\.com/(?:story/)?\d+")
_STORY = re.compile(r"https?://(?:www\.)?wattpad\.com/story/\d+")

Json = dict[str, Any]


def read_page(page: HtmlElement) -> Source | None:
    """A part's page.

    Raises:
        UnreadableFile: it is a page of the site, but no part of a story.
    """
    if not _is_of_site(page):
        return None
    lines = [one for one in page.iter("p") if one.get("data-p-id")]
    if not lines:
        raise UnreadableFile(f"This page of Wattpad came without the story's text. {ASK}")
    part = _part(page)
    info = _declared(part) if part else _shown(page)
    heading = first_of(page.iter("h1"))
    said = str((part or {}).get("title") or "") or (line_of(heading) if heading is not None else "")
    text = Pages()
    text.say(said, ZoneKind.HEADING)
    for line in lines:
        text.add(line)
    number, total = _place(part)
    problems: tuple[str, ...] = ()
    if total > 1:
        problems = (f"This page holds part {number} of {total}; add the others after it.",)
    chapter = text.chapter(chapter_name(said, number))
    return Source(NewWork(info, (chapter,)), ORIGIN, problems=problems)


def _is_of_site(page: HtmlElement) -> bool:
    addresses = [
        one.get("href") or "" for one in page.iter("link") if one.get("rel") == "canonical"
    ]
    addresses += [
        one.get("content") or "" for one in page.iter("meta") if one.get("property") == "og:url"
    ]
    return any(_ADDRESS.match(url) for url in addresses)


def _part(page: HtmlElement) -> Json | None:
    """What the page's own data say of the part; its "group" is the story."""
    for script in page.iter("script"):
        said = script.text or ""
        if match := _DATA.search(said):
            try:
                data, _ = json.JSONDecoder().raw_decode(said, match.end())
            except (ValueError, RecursionError):
                continue
            for one in _objects(data):
                group = one.get("group")
                if isinstance(group, dict) and "title" in group and "title" in one:
                    return one
    return None


def _objects(data: object) -> Iterator[Json]:
    waiting = [data]
    seen = 0
    while waiting and seen < MOST_NODES:
        one = waiting.pop()
        seen += 1
        if isinstance(one, dict):
            found = cast("Json", one)
            yield found
            waiting += found.values()
        elif isinstance(one, list):
            waiting += cast("list[object]", one)


def _declared(part: Json) -> WorkInfo:
    group = _object(part, "group")
    user, language = _object(group, "user"), _object(group, "language")
    tags = group.get("tags")
    url = _STORY.match(str(group.get("url") or ""))
    return WorkInfo(
        title=" ".join(str(group.get("title") or "").split()) or None,
        authors=tuple(filter(None, [str(user.get("name") or user.get("username") or "")])),
        tags=tuple(str(tag) for tag in cast("list[object]", tags) if tag)
        if isinstance(tags, list)
        else (),
        # Its "mature" covers AO3's two highest ratings.
        rating=Rating.MATURE if group.get("mature") is True else Rating.NOT_RATED,
        language=LANGUAGES.get(str(language.get("name") or "").casefold()),
        status=_status(group.get("completed")),
        summary=str(group.get("description") or "").strip() or None,
        published=day(str(group.get("createDate") or "")),
        updated=day(str(group.get("modifyDate") or "")),
        source_url=url[0] if url else None,
    )


def _object(holder: Json, key: str) -> Json:
    value: object = holder.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def _status(completed: object) -> Status:
    if completed is True:
        return Status.COMPLETE
    return Status.IN_PROGRESS if completed is False else Status.UNKNOWN


def _shown(page: HtmlElement) -> WorkInfo:
    """What the page shows, where its data are missing."""
    titles = [one.get("content") or "" for one in page.iter("meta") if _is_title(one)]
    # "Story - Part - Wattpad"
    story = titles[0].removesuffix(" - Wattpad").partition(" - ")[0].strip() if titles else ""
    author = next(
        (
            line_of(one)
            for one in page.iter("a")
            if "/user/" in (one.get("href") or "") and line_of(one)
        ),
        "",
    )
    info = WorkInfo(title=story or None, authors=(author,) if author else ())
    url = next(
        (match[0] for one in page.iter("a") if (match := _STORY.match(one.get("href") or ""))), None
    )
    return replace(info, source_url=url)


def _is_title(meta: HtmlElement) -> bool:
    return meta.get("property") == "og:title"


def _place(part: Json | None) -> tuple[int, int]:
    group = (part or {}).get("group")
    parts = cast("Json", group).get("parts") if isinstance(group, dict) else None
    if part is None or not isinstance(parts, list):
        return 1, 1
    ids = [
        cast("Json", one).get("id") for one in cast("list[object]", parts) if isinstance(one, dict)
    ]
    return (ids.index(part.get("id")) + 1 if part.get("id") in ids else 1), len(ids)
